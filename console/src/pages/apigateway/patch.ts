// Changes as API Gateway wants them: operations on paths, of which only those are sent that change something.
import type { PatchOperation } from '@aws-sdk/client-api-gateway';

/** A part of a path, with its own slashes and tildes marked: application/json is application~1json. */
export function pointer(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Replaces a value where it changes. Absent is the same as empty. */
export function valuePatch(path: string, was: unknown, is: unknown): PatchOperation[] {
  const [before, after] = [was, is].map((v) => (v === undefined || v === null ? '' : String(v)));
  return before === after ? [] : [{ op: 'replace', path, value: after }];
}

/** Adds, replaces and removes the entries of the map below path; what goes, goes first. */
export function mapPatch(path: string, was: Record<string, unknown> = {}, is: Record<string, unknown> = {}): PatchOperation[] {
  const at = (name: string) => `${path}/${pointer(name)}`;
  const gone = Object.keys(was).filter((name) => !(name in is));
  return [
    ...gone.map((name): PatchOperation => ({ op: 'remove', path: at(name) })),
    ...Object.entries(is).flatMap(([name, value]): PatchOperation[] => {
      if (!(name in was)) {
        return [{ op: 'add', path: at(name), value: String(value) }];
      }
      return was[name] === value ? [] : [{ op: 'replace', path: at(name), value: String(value) }];
    }),
  ];
}

/** Adds and removes members of a list: by path, or by value where the path is the list itself. */
export function listPatch(path: string, was: readonly string[] = [], is: readonly string[] = [], by: 'path' | 'value' = 'path'): PatchOperation[] {
  const one = (op: 'add' | 'remove', member: string): PatchOperation => (by === 'path' ? { op, path: `${path}/${pointer(member)}` } : { op, path, value: member });
  return [...was.filter((m) => !is.includes(m)).map((m) => one('remove', m)), ...is.filter((m) => !was.includes(m)).map((m) => one('add', m))];
}
