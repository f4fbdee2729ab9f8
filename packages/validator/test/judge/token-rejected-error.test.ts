import { CrossfadeError } from '@crossfade/core';
import { expect, test } from 'vitest';
import { TokenRejectedError } from '../../src/judge/token-rejected-error.ts';

test('names the reason, in its message and its properties', () => {
  const error = new TokenRejectedError({ outcome: 'rejected', audience: 'legacy', reason: 'legacy_closed' });

  expect(error).toBeInstanceOf(CrossfadeError);
  expect(error).toMatchObject({ code: 'token_rejected', reason: 'legacy_closed', audience: 'legacy' });
  expect(error.message).toBe('token rejected: legacy_closed');
});

test('holds the scope and the DPoP challenge of the judgement, where there are any', () => {
  const judged = { outcome: 'rejected', audience: 'target', reason: 'insufficient_scope' } as const;
  const dpop = { algorithms: ['ES256'], nonce: 'n' };

  expect(new TokenRejectedError({ ...judged, scope: ['a'], dpop })).toMatchObject({ scope: ['a'], dpop });
  expect(Object.keys(new TokenRejectedError(judged))).not.toEqual(expect.arrayContaining(['scope']));
  expect(Object.keys(new TokenRejectedError(judged))).not.toEqual(expect.arrayContaining(['dpop']));
});

test('exposes nothing of the token when it is serialised', () => {
  const error = new TokenRejectedError({ outcome: 'rejected', audience: 'invalid', reason: 'bad_signature' });

  expect(JSON.parse(JSON.stringify({ ...error }))).toEqual({
    ...(Object.hasOwn(error, 'name') ? { name: error.name } : {}),
    code: 'token_rejected',
    reason: 'bad_signature',
    audience: 'invalid',
  });
});
