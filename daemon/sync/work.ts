import { Audit } from './audit.ts';
import { Recheck } from './recheck.ts';
import { ActiveRun, type RunPlan, type RunTools, type Work } from './run.ts';

/** A run of the kind that was planned; nothing of it happens before `execute`. */
export function workOf<R>(plan: RunPlan, tools: RunTools<R>, signal: AbortSignal): Work {
  if (plan.kind === 'audit') return new Audit(plan, tools, signal);
  if (plan.kind === 'recheck') return new Recheck(plan, tools, signal);
  return new ActiveRun(plan, tools, signal);
}
