import { UnavailableError } from '@crossfade/core';
import { describe, expect, test } from 'vitest';
import type { IsRevoked } from '../../src/revocation/denylist.ts';
import { createRevocationCheck } from '../../src/revocation/revocation-check.ts';
import { acceptedToken } from './accepted-token.ts';

const judgement = acceptedToken({ sub: 'alice' });

/** Says something that no port may say. */
function saying(answer: unknown): IsRevoked {
  return () => answer as boolean;
}

describe('a revocation check', () => {
  test('passes an accepted token on unchanged, and at once', () => {
    expect(createRevocationCheck(() => false)(judgement)).toBe(judgement);
  });

  test('rejects a revoked token at once, with its class and what a meter needs', () => {
    const rejection = createRevocationCheck(() => true)(judgement);

    expect(rejection).toEqual({ outcome: 'rejected', audience: 'legacy', reason: 'revoked' });
    expect(rejection).toHaveProperty('token.clientId', 'web-app');
  });

  test('waits for a port that has to ask, whatever its kind of promise', async () => {
    // biome-ignore lint/suspicious/noThenProperty: some libraries have promises of their own.
    const foreign = { then: (resolve: (value: boolean) => void) => resolve(true) } as PromiseLike<boolean>;

    expect(await createRevocationCheck(async () => false)(judgement)).toBe(judgement);
    expect(await createRevocationCheck(async () => true)(judgement)).toMatchObject({ reason: 'revoked' });
    expect(await createRevocationCheck(() => foreign)(judgement)).toMatchObject({ reason: 'revoked' });
  });

  const fault = new Error('the database is down');
  test.each<[string, IsRevoked]>([
    [
      'throws',
      () => {
        throw fault;
      },
    ],
    ['rejects', () => Promise.reject(fault)],
    ['does not answer in time', () => new Promise(() => {})],
    ['returns nothing', saying(undefined)],
    ['returns null', saying(null)],
    ['returns a number', saying(0)],
    ['returns a text', saying('')],
    ['returns an object', saying({ revoked: false })],
    ['resolves to nothing', saying(Promise.resolve())],
    ['resolves to a text', saying(Promise.resolve('false'))],
  ])('is unavailable by a rejected promise if the port %s, never a guess', async (_, isRevoked) => {
    const checked = createRevocationCheck(isRevoked, 20)(judgement);

    expect(checked).toBeInstanceOf(Promise);
    await expect(checked).rejects.toThrow(UnavailableError);
    await expect(checked).rejects.toMatchObject({ dependency: 'revocation', retryAfterSeconds: 5 });
  });

  test('keeps when to try again, as the port knows it', async () => {
    const foreign = new UnavailableError('x', { retryAfterSeconds: 30 });
    const own = new UnavailableError('y', { retryAfterSeconds: 40, dependency: 'revocation' });
    const checkWith = (error: Error) => createRevocationCheck(() => Promise.reject(error))(judgement);

    await expect(checkWith(foreign)).rejects.toMatchObject({ dependency: 'revocation', retryAfterSeconds: 30 });
    await expect(checkWith(own)).rejects.toBe(own);
  });
});
