import { expect, test } from 'vitest';
import { dpopOptions } from '../../src/http/dpop-options.ts';

test('an observing sidecar remembers no proof, and bears with clocks, because the API decides about both', () => {
  const { replay, nonce, ...times } = dpopOptions({ mode: 'proxy', judge: 'observe' });

  expect([replay?.claim('a', 60), replay?.claim('a', 60)]).toEqual([true, true]);
  expect(nonce).toBeUndefined();
  expect(times).toEqual({ clockToleranceSeconds: 300, proofMaxAgeSeconds: 300 });
});

test.each([
  ['proxy', 'enforce'],
  ['forward-auth', 'observe'],
  ['forward-auth', 'enforce'],
] as const)('a sidecar that decides (%s, %s) checks proofs as every validator does', (mode, judge) => {
  expect(dpopOptions({ mode, judge })).toEqual({});
});
