// Usage plans as forms edit them, and the patch operations that a change becomes. Pure.
import type { ApiStage, CreateUsagePlanCommandInput, PatchOperation, QuotaPeriodType, UsagePlan } from '@aws-sdk/client-api-gateway';
import { canonicalKey, patchKey } from '../methods';

/** A plan in a form: numbers are what was typed. */
export interface PlanDraft {
  name: string;
  description: string;
  throttled: boolean;
  rate: string;
  burst: string;
  limited: boolean;
  limit: string;
  period: QuotaPeriodType;
}

export const newPlan: PlanDraft = { name: '', description: '', throttled: true, rate: '100', burst: '200', limited: true, limit: '10000', period: 'MONTH' };

export function draftOf({ name = '', description = '', throttle, quota }: UsagePlan): PlanDraft {
  return {
    name, description,
    throttled: throttle?.rateLimit !== undefined || throttle?.burstLimit !== undefined,
    rate: String(throttle?.rateLimit ?? newPlan.rate), burst: String(throttle?.burstLimit ?? newPlan.burst),
    limited: quota?.period !== undefined,
    limit: String(quota?.limit ?? newPlan.limit), period: quota?.period ?? newPlan.period,
  };
}

const wholeNumber = /^\d{1,10}$/;
const rateNumber = /^\d{1,9}(\.\d+)?$/;

/** What is wrong in a form, by field; an empty object where nothing is. */
export function problems(d: PlanDraft): Partial<Record<'rate' | 'burst' | 'limit', string>> {
  const whole = 'Enter a whole number.';
  return {
    ...(d.throttled && !rateNumber.test(d.rate) && { rate: 'Enter a number of requests per second.' }),
    ...(d.throttled && !wholeNumber.test(d.burst) && { burst: whole }),
    ...(d.limited && !wholeNumber.test(d.limit) && { limit: whole }),
  };
}

/** What CreateUsagePlan is told. */
export function inputOf(d: PlanDraft): CreateUsagePlanCommandInput {
  return {
    name: d.name,
    description: d.description || undefined,
    throttle: d.throttled ? { rateLimit: Number(d.rate), burstLimit: Number(d.burst) } : undefined,
    quota: d.limited ? { limit: Number(d.limit), period: d.period } : undefined,
  };
}

/** What makes a plan into what the form says. */
export function patchesOf(was: PlanDraft, is: PlanDraft): PatchOperation[] {
  const ops: PatchOperation[] = [];
  const put = (path: string, before: string | false, value: string) => {
    if (before !== value) {
      ops.push({ op: 'replace', path, value });
    }
  };
  put('/name', was.name, is.name);
  put('/description', was.description, is.description);
  if (is.throttled) {
    put('/throttle/rateLimit', was.throttled && was.rate, is.rate);
    put('/throttle/burstLimit', was.throttled && was.burst, is.burst);
  } else if (was.throttled) {
    ops.push({ op: 'remove', path: '/throttle' });
  }
  if (is.limited) {
    put('/quota/limit', was.limited && was.limit, is.limit);
    put('/quota/period', was.limited && was.period, is.period);
  } else if (was.limited) {
    ops.push({ op: 'remove', path: '/quota' });
  }
  return ops;
}

/** A method's own throttle in a plan, as a form has it. */
export interface MethodThrottle {
  /** "/pets/GET" */
  method: string;
  rate: string;
  burst: string;
}

export function throttlesOf(stage: ApiStage): MethodThrottle[] {
  return Object.entries(stage.throttle ?? {})
    .map(([key, t]) => ({ method: `/${canonicalKey(key)}`.replace('//', '/'), rate: String(t.rateLimit ?? ''), burst: String(t.burstLimit ?? '') }))
    .sort((a, b) => a.method.localeCompare(b.method));
}

/** Why throttles cannot be saved, or undefined. */
export function throttleProblem(rows: readonly MethodThrottle[]): string | undefined {
  if (rows.some((r) => r.method === '')) {
    return 'Each row needs a method.';
  }
  if (new Set(rows.map((r) => r.method)).size < rows.length) {
    return 'A method can be named once.';
  }
  return rows.every((r) => rateNumber.test(r.rate) && wholeNumber.test(r.burst)) ? undefined : 'Each row needs a rate and a burst, which is a whole number.';
}

/** What makes the throttles of a plan's stage into those of the form. */
export function throttlePatches(stage: ApiStage, rows: readonly MethodThrottle[]): PatchOperation[] {
  const at = (method: string) => `/apiStages/${stage.apiId}:${stage.stage}/throttle/${escaped(method)}`;
  const before = new Map(throttlesOf(stage).map((r) => [r.method, r]));
  const gone = [...before.keys()].filter((method) => !rows.some((r) => r.method === method));
  return [
    ...gone.map((method): PatchOperation => ({ op: 'remove', path: at(method) })),
    ...rows.flatMap((r): PatchOperation[] => [
      ...(before.get(r.method)?.rate === r.rate ? [] : [{ op: 'replace' as const, path: `${at(r.method)}/rateLimit`, value: r.rate }]),
      ...(before.get(r.method)?.burst === r.burst ? [] : [{ op: 'replace' as const, path: `${at(r.method)}/burstLimit`, value: r.burst }]),
    ]),
  ];
}

/** "/a/b/GET" as a patch path has it: "~1a~1b/GET". */
function escaped(method: string): string {
  const slash = method.lastIndexOf('/');
  return patchKey(method.slice(0, slash) || '/', method.slice(slash + 1));
}

/** A plan's throttle in words. */
export function rateText(throttle: UsagePlan['throttle']): string {
  return throttle?.rateLimit === undefined ? 'No limit' : `${throttle.rateLimit.toLocaleString('en')} requests per second`;
}

export function quotaText(quota: UsagePlan['quota']): string {
  return quota?.period ? `${quota.limit?.toLocaleString('en')} requests per ${quota.period.toLowerCase()}` : 'No quota';
}
