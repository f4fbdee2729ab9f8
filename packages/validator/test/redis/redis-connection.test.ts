import { createClient } from '@redis/client';
import { afterEach, expect, test, vi } from 'vitest';
import { createTimeout } from '../../src/http/timeout.ts';
import { openRedisConnection, type RedisConnection } from '../../src/redis/redis-connection.ts';
import { type RespServer, startRespServer } from './resp-server.ts';

const SILENCE_MS = 200;

const opened: (RedisConnection | RespServer)[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await ('close' in one ? one.close() : one.stop());
});

async function serverWith(silent: number): Promise<RespServer> {
  const server = await startRespServer(silent);
  opened.push(server);
  return server;
}

function connectTo(server: RespServer): RedisConnection {
  const connection = openRedisConnection(createClient, server.url, SILENCE_MS);
  opened.push(connection);
  return connection;
}

test('a connection that went silent is replaced, because TCP notices a dead host late', async () => {
  const redis = await serverWith(0);
  const connection = connectTo(redis);
  await connection.connected;
  redis.silence();
  const unanswered = connection.get('a');
  unanswered.catch(() => {});

  const timeout = createTimeout(50);
  const get = () => timeout.run(() => connection.get('a'));
  await vi.waitFor(async () => expect(await get()).toBeNull(), { timeout: 10_000 });
  await expect(unanswered).rejects.toThrow();
  expect(redis.connections()).toBe(2);
});

test('a connection that never comes up is replaced, even if only its readiness is asked for', async () => {
  const redis = await serverWith(1);
  const connection = connectTo(redis);

  await vi.waitFor(() => expect(connection.wasConnected()).toBe(true), { timeout: 10_000 });
  expect(redis.connections()).toBe(2);
});

test('a connection that was idle for long is kept', async () => {
  const redis = await serverWith(0);
  const connection = connectTo(redis);
  await connection.connected;
  const idleUntilMs = performance.now() + 2 * SILENCE_MS;
  await vi.waitFor(() => expect(performance.now()).toBeGreaterThan(idleUntilMs));
  await Promise.all(Array.from({ length: 10 }, () => connection.get('a')));

  expect(redis.connections()).toBe(1);
});

test('a connection whose reply came while the process was paused is kept', async () => {
  const redis = await serverWith(0);
  const connection = connectTo(redis);
  await connection.connected;
  let second: Promise<unknown> | undefined;
  // Runs just before the first reply is written: neither side reads anything until the pause is over.
  redis.values.get = (key) => {
    if (key !== 'a') return undefined;
    const endMs = performance.now() + 2 * SILENCE_MS;
    while (performance.now() < endMs);
    second = connection.get('b');
    return undefined;
  };

  expect(await connection.get('a')).toBeNull();
  expect(await second).toBeNull();
  expect(redis.connections()).toBe(1);
});

test('commands fail at once without a connection, and wait in no queue', async () => {
  const redis = await serverWith(0);
  await redis.stop();
  const connection = connectTo(redis);
  await expect(connection.get('a')).rejects.toThrow();

  await redis.start();
  await connection.connected;
  expect(await connection.get('b')).toBeNull();
  expect(redis.commands).toEqual(['GET']);
});

test('no connection is made after the end', async () => {
  const redis = await serverWith(1);
  const connection = connectTo(redis);
  await vi.waitFor(() => expect(redis.connections()).toBe(1));
  connection.close();
  connection.close();
  const endMs = performance.now() + 2 * SILENCE_MS;
  await vi.waitFor(() => expect(performance.now()).toBeGreaterThan(endMs));

  expect(connection.wasConnected()).toBe(false);
  await expect(connection.get('a')).rejects.toThrow();
  expect(redis.connections()).toBe(1);
});
