import { ConfigError } from '@crossfade/core';
import { describe, expect, test } from 'vitest';
import { isMatch, type LambdaRoutes, readLambdaRoutes } from '../../src/adapters/lambda-routes.ts';

const read = { scope: 'read' };
const write = { scope: 'write' };

function problemsOf(routes: LambdaRoutes): readonly string[] {
  try {
    readLambdaRoutes(routes, 'authorizer');
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe('the routes of an authorizer', () => {
  test('are read as a policy names them', () => {
    const routes = { 'GET /': read, 'ANY /files/{path+}': {}, 'DELETE /a/{b}/c/{d}': write };

    expect(readLambdaRoutes(routes, 'authorizer')).toEqual([
      { name: 'GET /', rules: read, patterns: ['GET/'] },
      {
        name: 'ANY /files/{path+}',
        rules: {},
        patterns: ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => `${method}/files/*`),
      },
      { name: 'DELETE /a/{b}/c/{d}', rules: write, patterns: ['DELETE/a/*/c/*'] },
    ]);
  });

  test.each(['/orders', 'GET', 'GET orders', 'get /orders', 'FETCH /orders', 'GET /orders/*', 'GET /a b', 'GET /a?b'])(
    'cannot have the form %s',
    (route) => {
      expect(problemsOf({ [route]: read })).toEqual([
        `routes.${route}: must be a method and a path, such as GET /orders/{id}`,
      ]);
    },
  );

  test.each([
    ['GET /orders/{id}', 'GET /orders/{id}/audit'],
    ['GET /orders/{id}', 'GET /orders/new'],
    ['ANY /orders', 'GET /orders'],
    ['GET /{a}/b', 'GET /a/{b}'],
    ['ANY /{path+}', 'DELETE /orders/{id}'],
  ])('must not give other rules to %s than to %s, which a policy cannot tell apart', (one, other) => {
    expect(problemsOf({ [one]: read, [other]: write })).toEqual([
      expect.stringContaining(`routes.${one}: cannot be told from ${other} in a policy`),
    ]);
    expect(problemsOf({ [one]: read, [other]: read })).toEqual([]);
  });

  test.each([
    ['GET /orders/{id}', 'DELETE /orders/{id}'],
    ['GET /orders', 'GET /orders/{id}'],
    ['GET /orders/{id}', 'GET /invoices/{id}'],
    ['GET /{a}/b', 'GET /{a}/c'],
    ['ANY /files/{path+}', 'DELETE /a/{b}/c/{d}'],
  ])('may give other rules to %s than to %s', (one, other) => {
    expect(problemsOf({ [one]: read, [other]: write })).toEqual([]);
  });

  test('match a method, but not one with a star that the client has put there', () => {
    expect(isMatch(['GET/orders', 'GET/orders/*'], 'GET/orders/1/lines')).toBe(true);
    expect(isMatch(['GET/orders'], 'GET/orders/1')).toBe(false);
    expect(isMatch(['GET/orders/1'], 'GET/*')).toBe(false);
    expect(isMatch(['GET/orders/*'], 'GET/orders/*')).toBe(false);
  });
});
