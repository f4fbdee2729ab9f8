import http from 'k6/http';
import { Counter, Rate, Trend } from 'k6/metrics';
import { OPERATOR } from './settings.ts';

/** The operator's moves that did not end as they must. */
const moveFailed = new Rate('move_failed');
/** Without it, a move that never began would not be missed. */
const movesMade = new Counter('moves_made');
/** From the moment the operator asks until the last part of the fleet follows. */
const timeToConverge = new Trend('time_to_converge', true);

/** Lets the lab's operator make a move with the real CLI, and waits for its end. */
export function move(verb: string): void {
  const response = http.post(`${OPERATOR}/moves/${verb}`, null, { tags: { kind: 'operator' }, timeout: '110s' });
  const { succeeded, convergedMs } =
    response.status === 200
      ? (response.json() as { succeeded: boolean; convergedMs: number | null })
      : { succeeded: false, convergedMs: null };
  movesMade.add(1, { move: verb });
  moveFailed.add(!succeeded, { move: verb });
  if (convergedMs !== null) timeToConverge.add(convergedMs, { move: verb });
}

/** Demands that each of the moves was made and succeeded. */
export function moveThresholds(verbs: readonly string[], convergeWithinMs: number) {
  return {
    move_failed: ['rate==0'],
    time_to_converge: [`max<${convergeWithinMs}`],
    ...Object.fromEntries(
      verbs.flatMap((verb) => [
        [`moves_made{move:${verb}}`, ['count==1']],
        [`time_to_converge{move:${verb}}`, [`max<${convergeWithinMs}`]],
      ]),
    ),
  };
}
