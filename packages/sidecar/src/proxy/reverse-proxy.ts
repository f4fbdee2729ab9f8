import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type AcceptedJudgement, UnavailableError } from '@crossfade/core';
import { rejectionResponse, unavailableResponse } from '@crossfade/validator';
import { Pool } from 'undici';
import type { Observation, Observer, Verdict } from '../meter/observer.ts';
import { createExchange, type ExchangeHandler } from './exchange.ts';
import { identityHeaders } from './identity-headers.ts';
import { BAD_HOST, BAD_TARGET, send } from './problem.ts';
import { createRequestBody } from './request-body.ts';
import { type RequestHeaders, readRequestHeaders } from './request-headers.ts';
import { type RequestTarget, readRequestTarget } from './request-target.ts';
import { canUpgrade, joinUpgraded, serveWithoutUpgrade } from './upgrade.ts';

export interface ReverseProxyOptions {
  /** Base URL of the API; its path is put before every request's. */
  readonly upstream: string;
  /** `observe` never delays or changes a request; `enforce` lets only accepted tokens through. */
  readonly judge: 'observe' | 'enforce';
  readonly observer: Observer;
  /** The sidecar is going out of service: answers are the last on their connection. */
  readonly closing: () => boolean;
}

/** Passes requests on to the API and its answers back, and has every one of them counted. */
export interface ReverseProxy {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** For the server's `upgrade` event. */
  upgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends the connections that changed protocols; nothing else ever would. */
  endUpgraded(): void;
  close(): Promise<void>;
}

interface Incoming {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly headers: RequestHeaders;
  readonly target: RequestTarget;
}

export function createReverseProxy({ upstream, judge, observer, closing }: ReverseProxyOptions): ReverseProxy {
  const base = new URL(upstream);
  const pathPrefix = base.pathname.replace(/\/$/, '');
  const pool = new Pool(base.origin, {
    // Below what servers grant an idle connection, so that no request meets one that is just being closed.
    keepAliveTimeout: 1_000,
    headersTimeout: 300_000,
    // Event streams may be silent for as long as they like.
    bodyTimeout: 0,
    connectTimeout: 10_000,
    maxHeaderSize: 65_536,
  });
  const upgraded = new Set<Duplex>();

  const read = (request: IncomingMessage, response: ServerResponse): Incoming | undefined => {
    const headers = readRequestHeaders(request.rawHeaders, {
      remoteAddress: request.socket.remoteAddress,
      protocol: 'http',
    });
    const target = readRequestTarget(request.url ?? '', pathPrefix);
    if (target !== undefined && headers.hosts.length <= 1) return { request, response, headers, target };
    send(response, target === undefined ? BAD_TARGET : BAD_HOST);
    return undefined;
  };

  /** Lets the request go: at once in observe mode, where judging starts behind it; else once its token is accepted. */
  const admit = (
    { headers, response }: Incoming,
    go: (observation: Observation, identity: readonly string[]) => void,
  ) => {
    const observation = observer.observe(headers.authorization);
    if (judge === 'observe') {
      go(observation, []);
      void observation.judge();
      return;
    }
    void observation.judge().then((verdict) => {
      if (response.destroyed) return;
      if (isAccepted(verdict)) return go(observation, identityHeaders(verdict));
      observation.settle();
      send(response, verdict instanceof UnavailableError ? unavailableResponse(verdict) : rejectionResponse(verdict));
    });
  };

  const outgoing = ({ request, headers, target }: Incoming, identity: readonly string[]) => {
    const host = target.host ?? headers.hosts[0];
    if (host !== undefined) headers.fields.push('host', host);
    headers.fields.push(...identity);
    return { method: request.method ?? 'GET', path: target.path, headers: headers.fields };
  };

  return {
    handle(request, response) {
      const incoming = read(request, response);
      if (incoming === undefined) return;
      admit(incoming, (observation, identity) => {
        if (incoming.headers.expectsContinue) response.writeContinue();
        const body = incoming.headers.hasBody ? createRequestBody(request) : null;
        pool.dispatch(
          { ...outgoing(incoming, identity), body },
          createExchange({ response, observation, closing, body }),
        );
      });
    },

    upgrade(server, request, socket, head) {
      socket.on('error', () => socket.destroy());
      if (!canUpgrade(request)) return serveWithoutUpgrade(server, request, socket, head);
      const response = new ServerResponse(request);
      response.shouldKeepAlive = false;
      response.assignSocket(request.socket);
      response.once('finish', () => socket.end());
      const incoming = read(request, response);
      if (incoming === undefined) return;
      admit(incoming, (observation, identity) => {
        const handler: ExchangeHandler = {
          ...createExchange({ response, observation, closing, body: null }),
          onUpgrade(status, rawHeaders, upstreamSocket) {
            observation.answer(status);
            response.detachSocket(request.socket);
            upgraded.add(socket);
            socket.once('close', () => upgraded.delete(socket));
            joinUpgraded(socket, upstreamSocket, { status, rawHeaders: rawHeaders ?? [], head });
          },
        };
        const protocol = request.headers.upgrade ?? null;
        pool.dispatch({ ...outgoing(incoming, identity), upgrade: protocol }, handler);
      });
    },

    endUpgraded() {
      for (const socket of upgraded) socket.destroy();
    },

    async close() {
      await pool.destroy();
    },
  };
}

function isAccepted(verdict: Verdict): verdict is AcceptedJudgement {
  return !(verdict instanceof UnavailableError) && verdict.outcome === 'accepted';
}
