import { inspect } from 'node:util';
import { ConfigError, UnavailableError } from '@crossfade/core';
import { expect, test, vi } from 'vitest';
import { LOCK, RELEASE } from '../../src/redis/redis-scripts.ts';
import { createRedisSessionStore, type RedisSessionStoreOptions } from '../../src/redis/redis-session-store.ts';

/** The client is not ours: what it does in an outage is played here, and what it does with a Redis runs in `test/real`. */
function clientThat(reply: (script: string, key: string, args: readonly string[]) => Promise<unknown>) {
  return {
    eval: (script: string, { keys, arguments: args }: { keys: string[]; arguments: string[] }) =>
      reply(script, keys[0] ?? '', args),
  };
}

test('wrong options are a configuration error that lists them all', () => {
  const create = (options: unknown) => () => createRedisSessionStore(options as RedisSessionStoreOptions);
  expect(create({ client: {}, prefix: 7, timeoutMs: 0 })).toThrow(
    'Redis session store: client: is required: a client, pool or cluster of redis, or one of ioredis; ' +
      'prefix: must be a text; timeoutMs: must be a number of milliseconds above 0',
  );
  for (const wrong of [undefined, {}, { client: 'redis://localhost' }]) expect(create(wrong)).toThrow(ConfigError);
});

test('a command that is not answered in time is unavailable, and holds no one up', async () => {
  const store = createRedisSessionStore({ client: clientThat(() => new Promise(() => {})), timeoutMs: 50 });
  const commands = [
    store.get('key'),
    store.create('key', { sealed: 's', version: '1', sub: 'user' }, 1000),
    store.replace('key', { sealed: 's', version: '2' }, '1'),
    store.delete('key'),
    store.deleteWhere({ sid: 'there' }),
    store.lock('key', 60_000, 1000),
  ];
  for (const command of await Promise.allSettled(commands)) {
    expect(command).toMatchObject({ status: 'rejected', reason: expect.any(UnavailableError) });
  }
});

test('an error says nothing of what was sent', async () => {
  const secret = 'sealed-secret';
  const client = clientThat(async (_, key) => {
    throw new Error(`WRONGTYPE of ${key}`);
  });
  const store = createRedisSessionStore({ client });
  const error = await store.create('key', { sealed: secret, version: '1' }, 1000).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'unavailable', message: 'the Redis session store cannot be reached' });
  expect(inspect(error)).not.toContain(secret);
});

test('a reply of an unknown form is unavailable, not a session', async () => {
  for (const reply of ['OK', 7, null, [], ['a'], { sealed: 'x' }]) {
    const store = createRedisSessionStore({ client: clientThat(async () => reply) });
    await expect(store.get('key')).rejects.toMatchObject({ code: 'unavailable' });
  }
});

test('a lock that comes after its timeout is given back', async () => {
  const released: string[] = [];
  let grant = (_: unknown) => {};
  let owner = '';
  const store = createRedisSessionStore({
    timeoutMs: 30,
    client: clientThat(async (script, key, [name = '']) => {
      if (script === RELEASE) return released.push(`${key} ${name}`);
      expect(script).toBe(LOCK);
      owner = name;
      return new Promise((resolve) => {
        grant = resolve;
      });
    }),
  });
  await expect(store.lock('key', 0, 1000)).rejects.toMatchObject({ code: 'unavailable' });
  const release = `crossfade:session:lock:key ${owner}`;
  // At once, because Redis may have run the command, and when its reply comes.
  await vi.waitFor(() => expect(released).toEqual([release]));
  grant(1);
  await vi.waitFor(() => expect(released).toEqual([release, release]));
});

test('a release never rejects', async () => {
  const client = clientThat(async (script) => {
    if (script === LOCK) return 1;
    throw new Error('down');
  });
  const release = await createRedisSessionStore({ client }).lock('key', 0, 1000);
  await expect(release?.()).resolves.toBeUndefined();
});

test('a release that fails is tried again, so that no session waits for the end of the hold', async () => {
  let releases = 0;
  const client = clientThat(async (script) => {
    if (script === LOCK) return 1;
    releases += 1;
    if (releases < 3) throw new Error('down');
    return 1;
  });
  const release = await createRedisSessionStore({ client }).lock('key', 0, 60_000);
  await release?.();
  expect(releases).toBe(3);
});
