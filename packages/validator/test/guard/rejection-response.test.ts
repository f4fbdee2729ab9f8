import { REJECTION_REASONS, UnavailableError } from '@crossfade/core';
import { describe, expect, test } from 'vitest';
import { rejectionResponse, unavailableResponse } from '../../src/guard/rejection-response.ts';

describe('rejectionResponse', () => {
  test('names only the scheme to a request without a token', () => {
    const { status, headers } = rejectionResponse({ outcome: 'rejected', audience: 'none', reason: 'missing_token' });

    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe('Bearer');
  });

  test('names the scope that was missing', () => {
    const { status, headers, body } = rejectionResponse({
      outcome: 'rejected',
      audience: 'target',
      reason: 'insufficient_scope',
      scope: ['orders:read', 'orders:write'],
    });

    expect(status).toBe(403);
    expect(headers['www-authenticate']).toContain('error="insufficient_scope"');
    expect(headers['www-authenticate']).toContain('scope="orders:read orders:write"');
    expect(JSON.parse(body)).toMatchObject({ status: 403, title: 'Forbidden', reason: 'insufficient_scope' });
  });

  test.each([
    ['missing_token', 'Bearer resource_metadata="https://api/.well-known/oauth-protected-resource"'],
    ['expired', /^Bearer error="invalid_token", .*, resource_metadata="https:[^"]+"$/],
    ['insufficient_scope', /^Bearer error="insufficient_scope", .*, scope="a", resource_metadata="https:[^"]+"$/],
  ] as const)('points a challenge for %s to the metadata of the API', (reason, expected) => {
    const url = 'https://api/.well-known/oauth-protected-resource';
    const { headers } = rejectionResponse({ outcome: 'rejected', audience: 'target', reason, scope: ['a'] }, url);

    expect(headers['www-authenticate']).toMatch(expected);
  });

  test('lets no scope break out of its quotes', () => {
    const scope = ['a', 'b" error="x', 'c\r\nset-cookie: d', 'é'];
    const { headers } = rejectionResponse({
      outcome: 'rejected',
      audience: 'target',
      reason: 'insufficient_scope',
      scope,
    });

    expect(headers['www-authenticate']).toMatch(/, scope="a"$/);
  });

  test.each(REJECTION_REASONS.filter((reason) => reason !== 'missing_token' && reason !== 'insufficient_scope'))(
    '%s is an invalid token, 401, so that clients fetch a new one',
    (reason) => {
      const { status, headers, body } = rejectionResponse({ outcome: 'rejected', audience: 'invalid', reason });

      expect(status).toBe(401);
      const challenge = /^Bearer error="invalid_token", error_description="[ !#-[\]-~]+"(?<more>, reason="brownout")?$/;
      const { more } = challenge.exec(headers['www-authenticate'] ?? '')?.groups ?? { more: 'no challenge' };
      expect(more !== undefined).toBe(reason === 'brownout');
      expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
      expect(JSON.parse(body)).toEqual({
        type: 'about:blank',
        title: 'Unauthorized',
        status: 401,
        detail: expect.any(String),
        reason,
      });
    },
  );
});

test('unavailableResponse is 503 with the time to wait, without a challenge', () => {
  const { status, headers, body } = unavailableResponse(new UnavailableError('down', { retryAfterSeconds: 2.5 }));

  expect(status).toBe(503);
  expect(headers).toMatchObject({ 'retry-after': '3', 'content-type': 'application/problem+json' });
  expect(headers).not.toHaveProperty('www-authenticate');
  expect(JSON.parse(body)).toMatchObject({ status: 503 });
});
