import type { ScriptContext } from './script-context.ts';
import {
  advance,
  close,
  closeTooEarly,
  expand,
  failFlagStore,
  prepare,
  restartSidecar,
  rollBack,
  waitForGate,
} from './steps.ts';

/** One step of the rehearsal. */
interface Step {
  readonly title: string;
  run(context: ScriptContext): Promise<void>;
}

/** The whole migration, in the order of the runbooks. */
const SCRIPT: readonly Step[] = [
  { title: 'The API accepts legacy tokens only; the sidecars observe', run: prepare },
  { title: 'Roll out a release that accepts both audiences, and probe it with a real target token', run: expand },
  { title: 'Advance: 10% of logins ask for the target audience', run: advance(10) },
  { title: 'Advance to 50%', run: advance(50) },
  { title: 'Something looks wrong: roll back', run: rollBack },
  { title: 'False alarm: advance to 50% again', run: advance(50) },
  { title: 'Advance to 100%: every login asks for the target audience', run: advance(100) },
  { title: 'Try to close too early: the gate must refuse', run: closeTooEarly },
  { title: 'Restart a sidecar: the load balancer uses the other one', run: restartSidecar },
  { title: 'The flag store fails for a few polls: the last good flags stay in effect', run: failFlagStore },
  { title: 'Wait until legacy sessions and tokens have expired', run: waitForGate },
  { title: 'The gate passes: close', run: close },
];

/** Runs every step. Rejects when one fails, or when the context's signal aborts. */
export async function runScript(context: ScriptContext): Promise<void> {
  for (const { title, run } of SCRIPT) {
    context.signal.throwIfAborted();
    context.view.step(title);
    await run(context);
  }
}
