import { ConfigError, errorCode } from '@crossfade/core';
import type { NodeRedisDenylistClient } from './redis-denylist.ts';

/** What a connection asks of `createClient` of node-redis 5 (`redis` or `@redis/client`). */
export interface RedisClientSettings {
  readonly url: string;
  readonly disableOfflineQueue: true;
  readonly commandsQueueMaxLength: number;
  readonly socket: { readonly connectTimeout: number };
}

/** The part of a node-redis client that a connection uses. */
export interface ConnectingRedisClient extends NodeRedisDenylistClient {
  connect(): Promise<unknown>;
  destroy(): void;
  unref(): void;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'ready', listener: () => void): unknown;
}

export type CreateRedisClient = (settings: RedisClientSettings) => ConnectingRedisClient;

/** A connection that heals by itself. */
export interface RedisConnection extends NodeRedisDenylistClient {
  /** Settles when Redis can be asked, now or for the first time. */
  readonly connected: Promise<void>;
  /** Whether Redis could be asked at some time. */
  wasConnected(): boolean;
  /** Why there is no connection, in one word such as `ECONNREFUSED` or `WRONGPASS`. */
  problem(): string | undefined;
  close(): void;
}

/** Commands that may wait for a reply: no more fit into the timeout of a request. */
const MAX_WAITING = 10_000;
const CONNECT_TIMEOUT_MS = 2000;
/** Without a reply for this long, a new connection is made: TCP alone notices a dead host only after many minutes. */
const SILENCE_MS = 5000;
/** A process that was paused finds that time over, and the reply in its socket: that is read first. */
const CATCH_UP_MS = 100;

/**
 * Opens a connection to Redis, and reopens it when it is lost or silent. While there is none, commands fail at once: they
 * wait in no queue.
 * @throws {@link ConfigError} when `url` is not a Redis URL. Its text is in no message: it may hold a password.
 */
export function openRedisConnection(
  createClient: CreateRedisClient,
  url: string,
  silenceMs = SILENCE_MS,
): RedisConnection {
  let isReady = false;
  let isClosed = false;
  let problem: string | undefined;
  let onReady = () => {};
  const connected = new Promise<void>((resolve) => {
    onReady = resolve;
  });
  /** When the first of the commands since the last reply was sent; opening a connection counts as one. */
  let silentSinceMs: number | undefined = performance.now();
  let isChecking = false;
  let client = connect();

  function connect(): ConnectingRedisClient {
    const opened = create(createClient, url);
    // Node.js ends a process at an error without a listener. What fails is seen by each command.
    opened.on('error', (error) => {
      problem = reasonOf(error);
    });
    opened.on('ready', () => {
      isReady = true;
      problem = undefined;
      silentSinceMs = undefined;
      onReady();
      // node-redis leaves a socket open that was still connecting when its client was destroyed.
      if (isClosed || opened !== client) opened.unref();
    });
    // Retries by itself, and rejects only when it is destroyed.
    opened.connect().catch(() => {});
    return opened;
  }

  function reconnectIfSilent(): void {
    if (isClosed) return;
    const nowMs = performance.now();
    silentSinceMs ??= nowMs;
    if (isChecking || nowMs - silentSinceMs < silenceMs) return;
    isChecking = true;
    setTimeout(reconnect, CATCH_UP_MS, silentSinceMs).unref();
  }

  function reconnect(sinceMs: number): void {
    isChecking = false;
    if (isClosed || silentSinceMs !== sinceMs) return;
    silentSinceMs = performance.now();
    client.destroy();
    client = connect();
  }

  async function send(command: (client: ConnectingRedisClient) => Promise<unknown>): Promise<unknown> {
    reconnectIfSilent();
    const reply = await command(client);
    silentSinceMs = undefined;
    return reply;
  }

  return {
    connected,
    wasConnected() {
      if (!isReady) reconnectIfSilent();
      return isReady;
    },
    problem: () => problem,
    get: (key) => send((current) => current.get(key)),
    eval: (script, options) => send((current) => current.eval(script, options)),
    close() {
      if (isClosed) return;
      isClosed = true;
      client.destroy();
    },
  };
}

function create(createClient: CreateRedisClient, url: string): ConnectingRedisClient {
  try {
    return createClient({
      url,
      disableOfflineQueue: true,
      commandsQueueMaxLength: MAX_WAITING,
      socket: { connectTimeout: CONNECT_TIMEOUT_MS },
    });
  } catch {
    throw new ConfigError('redis', [
      { path: 'url', message: 'must be a URL such as rediss://user:password@host:6379/0' },
    ]);
  }
}

/** The code of an error of Node.js, or the first word of an error reply of Redis: the rest may hold what was sent. */
export function reasonOf(error: unknown): string | undefined {
  const word = error instanceof Error ? /^[A-Z]{3,}\b/.exec(error.message)?.[0] : undefined;
  return errorCode(error) ?? word;
}
