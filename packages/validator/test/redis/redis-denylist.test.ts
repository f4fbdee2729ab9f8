import { createHash } from 'node:crypto';
import { ConfigError, UnavailableError } from '@crossfade/core';
import { describe, expect, test } from 'vitest';
import {
  createRedisDenylist,
  type IoRedisDenylistClient,
  type NodeRedisDenylistClient,
} from '../../src/redis/redis-denylist.ts';
import { acceptedToken, ISSUER } from '../revocation/accepted-token.ts';

const NOW = 1_700_000_000;
const now = () => NOW * 1000;
const SECRET = 'alice@example.com';

/** Replies to each `GET` alike, and records the arguments of all commands. */
function nodeRedis(reply: () => Promise<unknown>): NodeRedisDenylistClient & { calls: unknown[][] } {
  const calls: unknown[][] = [];
  const command = (...call: unknown[]) => {
    calls.push(call);
    return reply();
  };
  return { calls, get: command, eval: (_script, options) => command(options) };
}

function ioRedis(reply: () => Promise<unknown>): IoRedisDenylistClient & { calls: unknown[][] } {
  const calls: unknown[][] = [];
  const command = (...call: unknown[]) => {
    calls.push(call);
    return reply();
  };
  return { calls, get: command, eval: (_script, ...args) => command(...args), call: reply };
}

function keyOf(by: string, value: string, issuer = ISSUER): string {
  return `crossfade:revoked:${by}:${createHash('sha256').update(`${issuer}\n${value}`).digest('base64url')}`;
}

describe('createRedisDenylist', () => {
  test('asks for one token in one command, by a key that holds no claim', async () => {
    for (const client of [nodeRedis(async () => null), ioRedis(async () => null)]) {
      const list = createRedisDenylist(client, { by: 'sub', now });
      expect(await list.isRevoked(acceptedToken({ sub: SECRET, iat: NOW }))).toBe(false);

      expect(client.calls).toEqual([[keyOf('sub', SECRET)]]);
      expect(JSON.stringify(client.calls)).not.toContain('alice');
    }
  });

  test('sets an entry of either client that ends after the token, for each name of the issuer', async () => {
    const [node, io] = [nodeRedis(async () => 'OK'), ioRedis(async () => 'OK')];
    const revocation = { issuer: [ISSUER, `${ISSUER}/`], jti: 't1', untilSeconds: NOW + 60 };
    for (const client of [node, io]) await createRedisDenylist(client, { by: 'jti', now }).revoke(revocation);

    const keys = [keyOf('jti', 't1'), keyOf('jti', 't1', `${ISSUER}/`)];
    expect(node.calls).toEqual(keys.map((key) => [{ keys: [key], arguments: [String(NOW), '360'] }]));
    expect(io.calls).toEqual(keys.map((key) => [1, key, String(NOW), '360']));
  });

  test('takes another prefix', async () => {
    const client = nodeRedis(async () => null);
    await createRedisDenylist(client, { by: 'jti', prefix: 'orders:' }).isRevoked(acceptedToken({ jti: 't1' }));

    expect(client.calls).toEqual([[keyOf('jti', 't1').replace('crossfade:revoked:', 'orders:')]]);
  });

  test('asks nothing for a token without the claim, and sends nothing for tokens that have expired', async () => {
    const client = nodeRedis(() => Promise.reject(new Error('down')));
    const list = createRedisDenylist(client, { by: 'jti', now });

    expect(list.isRevoked(acceptedToken({ sub: SECRET }))).toBe(false);
    await list.revoke({ issuer: ISSUER, jti: 't1', untilSeconds: NOW - 300 });
    expect(client.calls).toEqual([]);
  });

  test('refuses a token by jti whatever time its entry names', async () => {
    const list = createRedisDenylist(
      nodeRedis(async () => '1'),
      { by: 'jti' },
    );

    expect(await list.isRevoked(acceptedToken({ jti: 't1', iat: NOW }))).toBe(true);
  });

  test.each(['sid', 'sub'] as const)(
    'refuses tokens by %s that were issued up to the time of their entry',
    async (by) => {
      const list = createRedisDenylist(
        ioRedis(async () => String(NOW)),
        { by },
      );

      expect(await list.isRevoked(acceptedToken({ [by]: 'v', iat: NOW }))).toBe(true);
      expect(await list.isRevoked(acceptedToken({ [by]: 'v' }))).toBe(true);
      expect(await list.isRevoked(acceptedToken({ [by]: 'v', iat: NOW + 1 }))).toBe(false);
    },
  );

  test.each<[string, () => Promise<unknown>]>([
    ['refuses connections', () => Promise.reject(new Error('ECONNREFUSED'))],
    ['does not reply in time', () => new Promise(() => {})],
    ['replies nothing', async () => undefined],
    ['replies a number', async () => 1],
    ['holds an empty entry', async () => ''],
    ['holds an entry that is no time', async () => 'yes'],
    [
      'throws',
      () => {
        throw new Error('The client is closed');
      },
    ],
  ])('is unavailable while Redis %s, and guesses nothing', async (_, reply) => {
    for (const client of [nodeRedis(reply), ioRedis(reply)]) {
      const list = createRedisDenylist(client, { by: 'sub', timeoutMs: 20 });
      const asked = Promise.resolve(list.isRevoked(acceptedToken({ sub: SECRET })));

      await expect(asked).rejects.toThrow(UnavailableError);
      await expect(asked).rejects.toMatchObject({ dependency: 'revocation' });
      await expect(asked).rejects.not.toThrow(/alice/);
    }
  });

  test('reports a revocation that it cannot store', async () => {
    const list = createRedisDenylist(
      nodeRedis(() => Promise.reject(new Error('READONLY'))),
      { by: 'jti', now },
    );

    await expect(list.revoke({ issuer: ISSUER, jti: 't1', untilSeconds: NOW + 60 })).rejects.toThrow(UnavailableError);
  });

  test.each<[string, unknown, object, RegExp]>([
    ['no client', undefined, { by: 'jti' }, /client: is required/],
    ['a client that is none', {}, { by: 'jti' }, /client: is required/],
    ['no claim', nodeRedis(async () => null), {}, /by: is required/],
    ['an unknown claim', nodeRedis(async () => null), { by: 'iss' }, /by: must be jti, sid or sub/],
    ['no time', nodeRedis(async () => null), { by: 'jti', timeoutMs: 0 }, /timeoutMs: must be a number above 0/],
    ['an unknown option', nodeRedis(async () => null), { by: 'jti', ttl: 1 }, /ttl: is not a known setting/],
  ])('rejects %s', (_, client, options, message) => {
    const create = () => createRedisDenylist(client as NodeRedisDenylistClient, options as { by: 'jti' });

    expect(create).toThrow(ConfigError);
    expect(create).toThrow(message);
  });
});
