import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  ConfigError,
  ConflictError,
  CrossfadeError,
  describeProblem,
  errorCode,
  UnavailableError,
} from '../../src/vocabulary/error.ts';

describe('errors', () => {
  it('have a stable code and the name of their class', () => {
    const errors = [new ConfigError('plan', []), new UnavailableError('keys'), new ConflictError('deployment 7')];
    expect(errors.map(({ code, name }) => ({ code, name }))).toEqual([
      { code: 'config_invalid', name: 'ConfigError' },
      { code: 'unavailable', name: 'UnavailableError' },
      { code: 'conflict', name: 'ConflictError' },
    ]);
    expect(errors.every((error) => error instanceof CrossfadeError)).toBe(true);
  });

  it('tell Fastify and Express the status of an outage, in no enumerable property', () => {
    const error = new UnavailableError('keys');
    expect(error.statusCode).toBe(503);
    expect(Object.keys(error)).not.toContain('statusCode');
  });

  it('keep their cause out of every enumerable property, where a log serializer would find it', () => {
    const cause = new Error('the payload');
    for (const error of [new UnavailableError('x', { cause }), new ConflictError('x', { cause })]) {
      expect(error.cause).toBe(cause);
      expect(JSON.stringify(error)).not.toContain('payload');
      expect(Object.keys(error)).not.toContain('cause');
    }
  });

  it('have no cause unless they were given one', () => {
    expect(inspect(new ConflictError('x'))).not.toContain('cause');
    expect('cause' in new UnavailableError('x')).toBe(false);
  });

  it('name every problem of a configuration, not only the first', () => {
    const error = new ConfigError('plan', [
      { path: 'legacy.issuer', message: 'is required', line: 4 },
      { path: '', message: 'is empty' },
    ]);
    expect(error.message).toBe('plan: line 4: legacy.issuer: is required; is empty');
    expect(error.problems).toHaveLength(2);
  });

  it('say after how many seconds to try again', () => {
    expect(new UnavailableError('x').retryAfterSeconds).toBe(5);
    expect(new UnavailableError('x', { retryAfterSeconds: 1 }).retryAfterSeconds).toBe(1);
  });

  it('name the dependency that could not be asked, where there is one', () => {
    expect(new UnavailableError('x', { dependency: 'revocation' }).dependency).toBe('revocation');
    expect(Object.keys(new UnavailableError('x'))).not.toContain('dependency');
  });
});

describe('describeProblem', () => {
  it('prints line and path when they are known', () => {
    expect(describeProblem({ path: 'a.b', message: 'is wrong', line: 2 })).toBe('line 2: a.b: is wrong');
    expect(describeProblem({ path: 'a', message: 'is wrong' })).toBe('a: is wrong');
  });
});

describe('errorCode', () => {
  it.each([
    [Object.assign(new Error('x'), { code: 'ENOENT' }), 'ENOENT'],
    [Object.assign(new Error('x'), { code: 7 }), undefined],
    [new Error('x'), undefined],
    ['thrown text', undefined],
    [{ code: 'ENOENT' }, undefined],
  ])('reads %o as %s', (error, code) => {
    expect(errorCode(error)).toBe(code);
  });
});
