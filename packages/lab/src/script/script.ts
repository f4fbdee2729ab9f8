import type { Stage } from './script-context.ts';
import {
  advance,
  closeForGood,
  closeTooEarly,
  expand,
  loseFlagStore,
  prepare,
  restartSidecar,
  rollBack,
  waitForGate,
} from './steps.ts';

/** One step of the rehearsal. */
interface Step {
  readonly title: string;
  play(stage: Stage): Promise<void>;
}

/** The whole migration, as somebody would do it with the runbooks open. */
const SCRIPT: readonly Step[] = [
  { title: 'The API takes legacy tokens only; the sidecars watch', play: prepare },
  { title: 'A release that accepts both audiences is rolled out, and probed with a real target token', play: expand },
  { title: '10% of the logins ask for the target audience', play: advance(10) },
  { title: '50% of them', play: advance(50) },
  { title: 'Something looks wrong: roll back', play: rollBack },
  { title: 'It was nothing: up again', play: advance(50) },
  { title: 'Every login asks for the target audience', play: advance(100) },
  { title: 'Somebody tries to close too early; the gate must refuse', play: closeTooEarly },
  { title: 'A sidecar is restarted; the load balancer asks the other one', play: restartSidecar },
  { title: 'The flag store fails for a few polls; the last good flags hold', play: loseFlagStore },
  { title: 'Sessions and tokens of the legacy side run out', play: waitForGate },
  { title: 'The gate passes: close', play: closeForGood },
];

/** Plays every step. Rejects when one can't be done, or the stage's signal ends it. */
export async function playScript(stage: Stage): Promise<void> {
  for (const { title, play } of SCRIPT) {
    stage.signal.throwIfAborted();
    stage.view.step(title);
    await play(stage);
  }
}
