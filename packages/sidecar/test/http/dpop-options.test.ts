import { expect, test } from 'vitest';
import { dpopOptions } from '../../src/http/dpop-options.ts';

test('an observing sidecar remembers no proof and asks for no nonce, because the API decides about both', () => {
  const { replay, nonce } = dpopOptions({ mode: 'proxy', judge: 'observe' });

  expect([replay?.claim('a', 60), replay?.claim('a', 60)]).toEqual([true, true]);
  expect(nonce).toBeUndefined();
});

test.each([
  ['proxy', 'enforce'],
  ['forward-auth', 'observe'],
  ['forward-auth', 'enforce'],
] as const)('a sidecar that decides (%s, %s) remembers proofs in its own memory', (mode, judge) => {
  expect(dpopOptions({ mode, judge })).toEqual({ clockToleranceSeconds: 60 });
});

test('an observing sidecar bears with the same clocks as one that enforces', () => {
  const { replay: _, ...observing } = dpopOptions({ mode: 'proxy', judge: 'observe' });

  expect(observing).toEqual(dpopOptions({ mode: 'proxy', judge: 'enforce' }));
});
