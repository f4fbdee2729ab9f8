import { describe, expect, it } from 'vitest';
import { judgeApi, type Probe } from '../../src/probe/api-findings.ts';
import type { ApiResult } from '../../src/probe/api-request.ts';

const NONE: Probe = { name: 'none', token: undefined, expected: 'refused', audience: 'none' };
const TARGET: Probe = { name: 'target', token: 't', expected: 'taken', audience: 'target' };
const refused: ApiResult = { status: 401, verdict: 'refused', challenge: 'Bearer' };

function verdictOf(probe: Probe, result: ApiResult) {
  const rows = judgeApi('https://api.example.com', [
    [NONE, refused],
    [probe, result],
  ]);
  return rows[1];
}

describe('judgeApi', () => {
  it('takes a 403 that demands more scope as proof that the token was taken', () => {
    const challenge = 'Bearer error="insufficient_scope", scope="orders:write"';
    expect(verdictOf(TARGET, { status: 403, verdict: 'unclear', challenge })).toMatchObject({
      result: 'expected',
      detail: 'it takes the token, and demands more scope here',
    });
  });

  it('tells a refusal with a reason from the response of a request without a token', () => {
    const named = verdictOf(TARGET, { status: 401, verdict: 'refused', challenge: 'Bearer error="invalid_token"' });
    expect(named).toMatchObject({ result: 'finding', detail: expect.stringContaining('compare its issuer') });
    expect(verdictOf(TARGET, refused)).toMatchObject({
      result: 'finding',
      detail: expect.stringContaining('a proxy in front may strip Authorization'),
    });
  });

  it.each([
    [404, 'says nothing of the token'],
    [307, 'it redirects'],
    [503, 'it is not ready'],
    [403, 'it forbids the request without saying why'],
  ])('draws no conclusion from %i', (status, words) => {
    const row = verdictOf(TARGET, { status, verdict: 'unclear', challenge: '' });
    expect(row).toMatchObject({ result: 'unknown', detail: expect.stringContaining(words) });
  });
});
