import type { AcceptedJudgement } from '@crossfade/core';
import { expect, test } from 'vitest';
import { identityHeaders } from '../../src/http/identity-headers.ts';
import { ACCEPTED } from '../fixture/judgement.ts';

const JUDGEMENT: AcceptedJudgement = { ...ACCEPTED, audience: 'target', scope: ['openid', 'orders:read'] };

test('the headers are audience, subject, client and scope', () => {
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

test.each([undefined, '', 'a\r\nx-evil: 1', 'jürgen', '\u0131', ' padded'])('the subject %j is left out', (subject) => {
  expect(identityHeaders({ ...JUDGEMENT, subject, scope: [] })).toEqual([
    'crossfade-audience',
    'target',
    'crossfade-client',
    'web-app',
  ]);
});

test('each judgement has its own headers, and equal ones share them', () => {
  const cached = identityHeaders(JUDGEMENT);
  expect(identityHeaders({ ...JUDGEMENT })).toBe(cached);
  for (const other of [{ audience: 'legacy' as const }, { subject: 'bob' }, { clientId: 'batch' }, { scope: ['a'] }]) {
    const headers = identityHeaders({ ...JUDGEMENT, ...other });
    expect(headers).not.toEqual(cached);
    expect(headers).toContain(Object.values(other).flat()[0]);
  }
});
