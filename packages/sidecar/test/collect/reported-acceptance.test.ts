import type { ObservedAcceptance } from '@crossfade/core';
import { expect, test } from 'vitest';
import { reportedAcceptance } from '../../src/collect/reported-acceptance.ts';
import type { SenderState } from '../../src/collect/senders.ts';

function reported(...senders: readonly (readonly [SenderState, ObservedAcceptance])[]) {
  return reportedAcceptance({
    list: () =>
      senders.map(([state, acceptance], index) => ({
        ...{ sender: `${index}`, name: null, lastHeardMs: 0, counted: 0, lost: 0 },
        ...{ state, acceptance },
      })),
  });
}

test('is undefined while no process reports', () => {
  expect(reported()).toBeUndefined();
  expect(reported(['closed', 'both'], ['gone', 'both'])).toBeUndefined();
});

test.each([
  [['legacy', 'legacy'], { acceptance: 'legacy', legacy: true, target: false }],
  [['legacy', 'both'], { acceptance: 'legacy', legacy: true, target: false }],
  [['both', 'both'], { acceptance: 'both', legacy: true, target: true }],
  [['both', 'target'], { acceptance: 'both', legacy: false, target: true }],
  [['target', 'target'], { acceptance: 'target', legacy: false, target: true }],
] as const)('of %j is that of the process that is least far', ([one, other], expected) => {
  expect(reported(['live', one], ['silent', other])).toEqual(expected);
  expect(reported(['live', other], ['live', one], ['gone', 'target'], ['closed', 'legacy'])).toEqual(expected);
});
