// The settings of a stage's methods: those of all methods ("*/*") and those of single ones. Pure.
import type { MethodSetting, PatchOperation, Stage, UnauthorizedCacheControlHeaderStrategy } from '@aws-sdk/client-api-gateway';
import { canonicalKey, patchKey } from '../methods';

/** Where settings of all methods are. */
export const allMethods = '*/*';

/** How much of a request its execution log tells, as AWS' console words it. */
export type Level = 'OFF' | 'ERROR' | 'INFO' | 'FULL';

export const levels: { value: Level; label: string; description: string }[] = [
  { value: 'OFF', label: 'Off', description: 'Nothing is written.' },
  { value: 'ERROR', label: 'Errors only', description: 'Lines about what failed.' },
  { value: 'INFO', label: 'Errors and info logs', description: 'Each step of each request.' },
  { value: 'FULL', label: 'Full request and response logs', description: 'Besides, all headers and bodies. They may hold secrets.' },
];

export function levelText(level: Level): string {
  return levels.find((l) => l.value === level)!.label;
}

/** Settings in a form: numbers are what was typed. */
export interface SettingsDraft {
  level: Level;
  metrics: boolean;
  throttled: boolean;
  rate: string;
  burst: string;
  caching: boolean;
  ttl: string;
  encrypted: boolean;
  /** Whether who asks for a fresh response has to be allowed to. */
  authorized: boolean;
  strategy: UnauthorizedCacheControlHeaderStrategy;
}

const accountLimits = { rate: '10000', burst: '5000' };

/** What an entry is before anything of it is set. */
const fresh: SettingsDraft = {
  level: 'OFF', metrics: false, throttled: true, ...accountLimits,
  caching: false, ttl: '300', encrypted: false, authorized: true, strategy: 'SUCCEED_WITH_RESPONSE_HEADER',
};

export function draftOf(m: MethodSetting | undefined): SettingsDraft {
  if (!m) {
    return fresh;
  }
  const throttled = (m.throttlingRateLimit ?? 0) >= 0 && (m.throttlingBurstLimit ?? 0) >= 0;
  return {
    level: levelOf(m),
    metrics: m.metricsEnabled ?? false,
    throttled,
    rate: throttled ? String(m.throttlingRateLimit ?? accountLimits.rate) : accountLimits.rate,
    burst: throttled ? String(m.throttlingBurstLimit ?? accountLimits.burst) : accountLimits.burst,
    caching: m.cachingEnabled ?? false,
    ttl: String(m.cacheTtlInSeconds ?? fresh.ttl),
    encrypted: m.cacheDataEncrypted ?? false,
    authorized: m.requireAuthorizationForCacheControl ?? true,
    strategy: m.unauthorizedCacheControlHeaderStrategy ?? fresh.strategy,
  };
}

function levelOf(m: MethodSetting): Level {
  const level = (m.loggingLevel ?? 'OFF') as Level;
  return level === 'INFO' && m.dataTraceEnabled ? 'FULL' : level;
}

/** What is wrong in a form, by field. */
export function settingsProblems(d: SettingsDraft): Partial<Record<'rate' | 'burst' | 'ttl', string>> {
  const ttl = /^\d{1,4}$/.test(d.ttl) && Number(d.ttl) <= 3600;
  return {
    ...(d.throttled && !/^\d{1,9}(\.\d+)?$/.test(d.rate) && { rate: 'Enter a number of requests per second.' }),
    ...(d.throttled && !/^\d{1,9}$/.test(d.burst) && { burst: 'Enter a whole number.' }),
    ...(!ttl && { ttl: 'Enter 0 to 3600 seconds.' }),
  };
}

/** The settings of the stage by themselves: what every method has that has none of its own. */
export function settingsOfAll(stage: Stage): MethodSetting | undefined {
  return stage.methodSettings?.[allMethods];
}

/** A method's own settings, in whatever form their key was written. */
export function ownSettings(stage: Stage, path: string, httpMethod: string): MethodSetting | undefined {
  return ownEntry(stage, path, httpMethod)?.[1];
}

function ownEntry(stage: Stage, path: string, httpMethod: string): [key: string, MethodSetting] | undefined {
  const wanted = canonicalKey(`${path}/${httpMethod}`);
  return Object.entries(stage.methodSettings ?? {}).find(([key]) => key !== allMethods && canonicalKey(key) === wanted);
}

/** A method's settings as patches name them: as they were written, since AWS makes an entry of its own of each form. */
function keyOf(stage: Stage, path: string, httpMethod: string): string {
  return ownEntry(stage, path, httpMethod)?.[0] ?? patchKey(path, httpMethod);
}

/** What holds for a method. Of settings for all methods, only GET is cached. */
export function effectiveSettings(stage: Stage, path: string, httpMethod: string): SettingsDraft {
  const own = ownSettings(stage, path, httpMethod);
  const all = draftOf(settingsOfAll(stage));
  return own ? draftOf(own) : { ...all, caching: all.caching && httpMethod === 'GET' };
}

/**
 * What turns settings into those of the form.
 * @param was undefined where there is no entry yet; a new one begins with AWS' defaults, whatever holds for all methods
 */
export function settingsPatches(key: string, was: MethodSetting | undefined, is: SettingsDraft): PatchOperation[] {
  const before = draftOf(was);
  const limits = (d: SettingsDraft) => (d.throttled ? { rate: d.rate, burst: d.burst } : { rate: '-1', burst: '-1' });
  const members: [member: string, was: unknown, is: unknown][] = [
    ['logging/loglevel', trace(before).level, trace(is).level],
    ['logging/dataTrace', was?.dataTraceEnabled ?? false, was && before.level === is.level ? was.dataTraceEnabled ?? false : trace(is).data],
    ['metrics/enabled', before.metrics, is.metrics],
    ['throttling/rateLimit', limits(before).rate, limits(is).rate],
    ['throttling/burstLimit', limits(before).burst, limits(is).burst],
    ['caching/enabled', before.caching, is.caching],
    ['caching/ttlInSeconds', before.ttl, is.ttl],
    ['caching/dataEncrypted', before.encrypted, is.encrypted],
    ['caching/requireAuthorizationForCacheControl', before.authorized, is.authorized],
    ['caching/unauthorizedCacheControlHeaderStrategy', before.strategy, is.strategy],
  ];
  return members.filter(([, a, b]) => a !== b).map(([member, , value]): PatchOperation => ({ op: 'replace', path: `/${key}/${member}`, value: String(value) }));
}

/** A level as the two members that AWS keeps it in. */
function trace({ level }: SettingsDraft): { level: string; data: boolean } {
  return level === 'FULL' ? { level: 'INFO', data: true } : { level, data: false };
}

/** Gives a method settings of its own; where they are what a new entry has anyway, one member is written to have the entry. */
export function overridePatches(stage: Stage, path: string, httpMethod: string, is: SettingsDraft): PatchOperation[] {
  const own = ownSettings(stage, path, httpMethod);
  const key = keyOf(stage, path, httpMethod);
  const ops = settingsPatches(key, own, is);
  return own || ops.length > 0 ? ops : [{ op: 'replace', path: `/${key}/metrics/enabled`, value: String(is.metrics) }];
}

export function removeOverride(stage: Stage, path: string, httpMethod: string): PatchOperation {
  return { op: 'remove', path: `/${keyOf(stage, path, httpMethod)}` };
}

export function throttleText(d: SettingsDraft): string {
  return d.throttled ? `${Number(d.rate).toLocaleString('en')} per second, burst ${Number(d.burst).toLocaleString('en')}` : 'No limit';
}
