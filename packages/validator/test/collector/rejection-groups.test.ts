import { expect, test } from 'vitest';
import { createRejectionGroups } from '../../src/collector/rejection-groups.ts';
import { rejectedOf } from './judgements.ts';

test('counts like rejections together, and tells apart what a collector counts differently', () => {
  const groups = createRejectionGroups(10);
  const opaque = { outcome: 'rejected', audience: 'opaque', reason: 'malformed_token' } as const;
  groups.add(opaque, 'named', 0);
  groups.add(opaque, 'unnamed', 5);
  groups.add(rejectedOf('legacy', 'wrong_type'), 'named', 10);
  groups.add(rejectedOf('legacy', 'wrong_type', { expired: true }), 'named', 20);
  groups.add(rejectedOf('legacy', 'wrong_type', { afterClose: 'accepted' }), 'named', 30);
  groups.add(rejectedOf('legacy', 'wrong_type', { issuedAt: 1_500, expiresAt: 1_900 }), 'named', 40);
  const token = { afterClose: 'rejected', clientId: 'web-app', issuedAt: 1_000, expiresAt: 2_000, expired: false };
  const legacy = { audience: 'legacy', reason: 'wrong_type', count: 1 };
  expect(groups.records(100)).toEqual([
    { audience: 'opaque', reason: 'malformed_token', count: 2, ageMs: 95 },
    { ...legacy, token: { ...token, issuedAt: 1_500 }, count: 2, ageMs: 60 },
    { ...legacy, token: { ...token, expired: true }, ageMs: 80 },
    { ...legacy, token: { ...token, afterClose: 'accepted' }, ageMs: 70 },
  ]);
});

test('names no client where none is asked for', () => {
  const groups = createRejectionGroups(10);
  groups.add(rejectedOf('target', 'wrong_type', { clientId: 'a' }), 'unnamed', 0);
  groups.add(rejectedOf('target', 'wrong_type', { clientId: 'b' }), 'unnamed', 0);
  expect(groups.records(0)).toMatchObject([{ count: 2 }]);
  expect(JSON.stringify(groups.records(0))).not.toContain('clientId');
});

test('limits the number and length of the clients of rejected tokens, and counts all', () => {
  const groups = createRejectionGroups(2);
  for (const clientId of ['a', 'b', 'c', 'd', 'a', 'others', '"a"', 'x'.repeat(300), undefined])
    groups.add(rejectedOf('legacy', 'wrong_type', { clientId }), 'named', 0);
  const records = groups.records(0);
  expect(records).toMatchObject([
    { token: { clientId: 'a' }, count: 2 },
    { token: { clientId: 'b' }, count: 1 },
    { token: { others: true }, count: 5 },
    { token: { expired: false }, count: 1 },
  ]);
  const long = createRejectionGroups(2);
  long.add(rejectedOf('legacy', 'wrong_type', { clientId: 'x'.repeat(300) }), 'named', 0);
  expect(long.records(0)).toMatchObject([{ token: { clientId: 'x'.repeat(256) } }]);
});
