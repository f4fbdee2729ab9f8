import { describe, expect, it } from 'vitest';
import { revocationSchema } from '../../src/plan/revocation-schema.ts';

function problemsOf(redis: unknown): string[] {
  const { error } = revocationSchema.safeParse({ redis, by: 'jti' });
  return error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? [];
}

describe('the Redis URL of a plan', () => {
  it.each([
    'redis://localhost',
    'redis://localhost:6379/',
    'rediss://redis.example.com:6380/2',
    'redis://:password@10.0.0.1',
    'rediss://user:p%40ss%25@[::1]:6379/0',
  ])('may be %s', (url) => {
    expect(problemsOf(url)).toEqual([]);
  });

  it.each([
    undefined,
    7,
    '',
    'localhost:6379',
    'http://localhost',
    'redis://',
    'redis://:6379',
    'redis://user:secret@',
    'redis://user:secret@host:port',
    'redis://user:secret@host:70000',
    'redis://user:sec ret@host',
    'redis://user:secret%zz@host',
    'redis://user:secret@host/name',
    'redis://user:secret@host/0?db=1',
    'redis://user:secret@host#0',
  ])('is no other text, such as %s, and is not printed', (url) => {
    expect(problemsOf(url)).toEqual([expect.stringMatching(/^redis (?:must be|is required:) a URL such as rediss:/)]);
    expect(problemsOf(url).join()).not.toContain('secret');
  });
});

it('the claim is one of three', () => {
  expect(revocationSchema.safeParse({ redis: 'redis://r', by: 'iss' }).error?.issues[0]?.message).toBe(
    'must be jti, sid or sub',
  );
});
