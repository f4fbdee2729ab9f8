import type { AcceptedJudgement } from '@crossfade/core';
import { expect, test } from 'vitest';
import { identityHeaders } from '../../src/http/identity-headers.ts';
import { ACCEPTED } from '../fixture/judgement.ts';

const JUDGEMENT: AcceptedJudgement = { ...ACCEPTED, audience: 'target', scope: ['openid', 'orders:read'] };

test('states audience, subject, client and scope', () => {
  expect(identityHeaders(JUDGEMENT)).toEqual([
    'crossfade-audience',
    'target',
    'crossfade-subject',
    'alice',
    'crossfade-client',
    'web-app',
    'crossfade-scope',
    'openid orders:read',
  ]);
});

test.each([undefined, '', 'a\r\nx-evil: 1', 'jürgen', '\u0131', ' padded'])('leaves out the subject %j', (subject) => {
  expect(identityHeaders({ ...JUDGEMENT, subject, scope: [] })).toEqual([
    'crossfade-audience',
    'target',
    'crossfade-client',
    'web-app',
  ]);
});

test('states of each judgement its own, whatever was stated before', () => {
  const told = identityHeaders(JUDGEMENT);
  expect(identityHeaders({ ...JUDGEMENT })).toBe(told);
  for (const other of [{ audience: 'legacy' as const }, { subject: 'bob' }, { clientId: 'batch' }, { scope: ['a'] }]) {
    const headers = identityHeaders({ ...JUDGEMENT, ...other });
    expect(headers).not.toEqual(told);
    expect(headers).toContain(Object.values(other).flat()[0]);
  }
});
