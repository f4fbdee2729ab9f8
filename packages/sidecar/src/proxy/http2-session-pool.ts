import type { TLSSocket } from 'node:tls';
import { errorCode } from '@crossfade/core';
import { notHttp2, openUpstreamSession, STREAMS_PER_SESSION, type UpstreamSession } from './http2-upstream-session.ts';
import type { ConnectUpstream } from './upstream-connector.ts';

/** Gets a connection with room for a stream, which has to be opened during this call. */
export type WithSession = (error: Error | null, session?: UpstreamSession) => void;

/** The HTTP/2 connections to the API: as many as its limit on streams makes necessary, opened on demand. */
export interface SessionPool {
  /** @returns cancels. */
  acquire(done: WithSession): () => void;
  close(): void;
}

interface SessionPoolParts {
  readonly connect: ConnectUpstream;
}

const CHECK_INTERVAL_MS = 1_000;
/** What OpenSSL makes of an API that knows no `h2` (RFC 7301 §3.2). */
const NO_APPLICATION_PROTOCOL = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL';

export function createSessionPool({ connect }: SessionPoolParts): SessionPool {
  const sessions = new Set<UpstreamSession>();
  const waiting = new Set<WithSession>();
  let connecting = 0;
  let isClosed = false;
  const checking = setInterval(() => {
    const nowMs = performance.now();
    for (const session of sessions) session.check(nowMs);
  }, CHECK_INTERVAL_MS).unref();

  const withRoom = () => {
    for (const session of sessions) if (session.hasRoom()) return session;
    return undefined;
  };
  const serve = () => {
    for (const done of waiting) {
      const session = withRoom();
      if (session === undefined) return connectMore();
      waiting.delete(done);
      done(null, session);
    }
  };
  const connectMore = () => {
    while (!isClosed && connecting * STREAMS_PER_SESSION < waiting.size) {
      connecting += 1;
      open();
    }
  };
  const fail = (error: Error) => {
    connecting -= 1;
    // Another connection is under way, or will have room.
    if (connecting > 0 || [...sessions].some((session) => session.isUsable())) return;
    const failed = [...waiting];
    waiting.clear();
    for (const done of failed) done(error);
  };
  const open = () => {
    connect({ protocols: ['h2'] }, (error, socket) => {
      if (error !== null) return fail(errorCode(error) === NO_APPLICATION_PROTOCOL ? notHttp2(error) : error);
      const { alpnProtocol } = socket as TLSSocket;
      if (isClosed || (alpnProtocol !== undefined && alpnProtocol !== 'h2')) {
        socket.on('error', () => {}).destroy();
        return fail(isClosed ? new Error('the sidecar is closing') : notHttp2());
      }
      return sessions.add(
        openUpstreamSession(socket, {
          onReady() {
            connecting -= 1;
            serve();
          },
          onRoom: serve,
          onClose(session, failure) {
            sessions.delete(session);
            if (failure !== undefined) fail(failure);
          },
        }),
      );
    });
  };

  return {
    acquire(done) {
      const session = waiting.size === 0 ? withRoom() : undefined;
      if (isClosed) done(new Error('the sidecar is closing'));
      else if (session === undefined) {
        waiting.add(done);
        connectMore();
      } else done(null, session);
      return () => void waiting.delete(done);
    },
    close() {
      isClosed = true;
      clearInterval(checking);
      for (const session of sessions) session.destroy();
    },
  };
}
