import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AcceptedJudgement } from '@crossfade/core';
import { clientSocket } from '../fast-path/lent-socket.ts';
import { type ClientAddressOptions, createClientLookup } from '../http/client-address.ts';
import { createIdleTimeout } from '../http/idle-timeout.ts';
import { sendProblem } from '../http/problem.ts';
import { createRequestBody, discardRest } from '../http/request-body.ts';
import { createProofReader, type ProofSettings } from '../http/request-proof.ts';
import { addAbsent, readResponseHeaders } from '../http/response-headers.ts';
import { readResponseHead } from '../http/response-reader.ts';
import type { SunsetFields } from '../http/sunset-fields.ts';
import { requestTrailers } from '../http/trailers.ts';
import type { Observer } from '../meter/observer.ts';
import type { DataHandlers } from './data-server.ts';
import { createExchange } from './exchange.ts';
import { type BegunExchange, createFastPathHandler } from './fast-path-handler.ts';
import { forwardStream } from './http2-stream.ts';
import { createPublicPaths } from './public-paths.ts';
import { type ArrivedRequest, createRequestFilter } from './request-filter.ts';
import { canUpgrade, joinUpgraded, serveWithoutUpgrade } from './upgrade.ts';
import { createUpstream, type UpstreamOptions } from './upstream.ts';
import type { UpstreamHandler } from './upstream-handler.ts';
import type { UpstreamHealth } from './upstream-health.ts';

export interface ReverseProxyOptions extends UpstreamOptions, ClientAddressOptions, ProofSettings {
  /** `observe` never delays or changes a request; `enforce` lets only accepted tokens through. */
  readonly judge: 'observe' | 'enforce';
  readonly observer: Observer;
  /** Paths whose responses prove nothing about a token; absent: none. */
  readonly publicPaths?: readonly string[] | undefined;
  /** Whether CORS preflights pass without being judged. */
  readonly passesPreflights: boolean;
  /** The JWT that goes to the API in place of an opaque token; absent: the token itself goes. */
  readonly upstreamToken?: ((judgement: AcceptedJudgement) => string | undefined) | undefined;
  /** Announces the end of the legacy audience to requests with a legacy token, in enforce mode only. Absent: nothing. */
  readonly sunset?: SunsetFields | undefined;
  /** Whether the sidecar is going out of service: then responses are the last on their connection. */
  readonly closing: () => boolean;
  /** Hears of every request that fails at the API. */
  readonly health: UpstreamHealth;
  readonly stallTimeoutMs: number;
}

/** Forwards requests to the API and its responses back, and counts each request. */
export interface ReverseProxy extends Required<Omit<DataHandlers, 'onHttp2'>> {
  /** Closes the connections that changed protocols, which have no end of their own; those that still do, at once. */
  endUpgraded(): void;
  close(): Promise<void>;
}

export function createReverseProxy(options: ReverseProxyOptions): ReverseProxy {
  const { judge, observer, closing, health, stallTimeoutMs } = options;
  const upstream = createUpstream(options);
  const filter = createRequestFilter({
    observer,
    judge,
    isPublic: createPublicPaths(options.publicPaths),
    passesPreflights: options.passesPreflights,
    pathPrefix: upstream.pathPrefix,
    readProof: createProofReader(options),
    upstreamToken: options.upstreamToken,
    sunset: options.sunset,
  });
  const clientOf = createClientLookup(options);
  const upgraded = new Set<Duplex>();
  let isEnding = false;

  const arrivedRequest = (request: IncomingMessage, response: ServerResponse): ArrivedRequest => ({
    method: request.method ?? 'GET',
    target: request.url ?? '',
    rawHeaders: request.rawHeaders,
    client: clientOf(request.socket),
    isGone: () => response.destroyed,
    respond: (problem) => sendProblem(response, problem),
  });

  /** By the client's connection: the exchanges that the fast path began and cannot complete. */
  const begun = new WeakMap<Socket, BegunExchange>();
  const handleFast = createFastPathHandler({
    filter,
    clientOf,
    upstream: upstream.fastPath,
    health,
    onBegun(client, exchange) {
      begun.set(client, exchange);
      const drop = () => exchange.bytes.destroy();
      client.once('close', drop);
      exchange.bytes.once('close', () => client.off('close', drop));
    },
  });

  const complete = (
    { message, observation, sunset, bytes }: BegunExchange,
    request: IncomingMessage,
    response: ServerResponse,
  ) => {
    const idleTimeout = createIdleTimeout(request, response, stallTimeoutMs);
    // The API has the request already.
    request.resume();
    const exchange = createExchange({ response, observation, closing, idleTimeout, health, sunset });
    upstream.readResponse(message, bytes, exchange);
  };

  const forward = (request: IncomingMessage, response: ServerResponse) => {
    filter(arrivedRequest(request, response), ({ message, headers, observation, sunset }) => {
      const idleTimeout = createIdleTimeout(request, response, stallTimeoutMs);
      const discard = () => discardRest(request);
      const body = headers.hasBody ? createRequestBody({ readable: request, idleTimeout, discard }) : null;
      // Only chunks end in trailers: Node.js throws on an announcement with a length.
      const isChunked = body !== null && request.headers['content-length'] === undefined;
      if (isChunked && headers.trailer.length > 0) message.headers.push('trailer', headers.trailer.join(', '));
      const expectsContinue = body !== null && headers.expectsContinue;
      const trailers = isChunked ? () => requestTrailers(request.rawTrailers) : noTrailers;
      upstream.client.send(
        { ...message, body, trailers, expectsContinue },
        createExchange({ response, observation, closing, idleTimeout, health, sunset }),
      );
    });
  };

  const forwardUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    try {
      response.assignSocket(request.socket);
    } catch {
      // Node.js itself is responding to the request before: 400 without `Host`, 417 to an unknown `Expect`.
      socket.end();
      return;
    }
    // Node.js has detached the connection: it looks after neither its timeout nor its end.
    response.once('finish', () => request.socket.destroySoon());
    socket.on('timeout', () => socket.destroy());
    const idleTimeout = createIdleTimeout(request, response, stallTimeoutMs);
    filter(arrivedRequest(request, response), ({ message, observation, sunset }) => {
      const handler: UpstreamHandler = {
        ...createExchange({ response, observation, closing, idleTimeout, health, sunset }),
        onUpgrade({ status, rawHeaders }, upstreamSocket, upstreamHead) {
          if (health.isFailing) health.responded();
          observation.responded(readResponseHead(status, rawHeaders), socket);
          response.detachSocket(request.socket);
          upgraded.add(socket);
          socket.once('close', () => {
            upgraded.delete(socket);
            observation.ended('unclear');
          });
          const fields = addAbsent(readResponseHeaders(rawHeaders), sunset);
          joinUpgraded(socket, upstreamSocket, { status, rawHeaders, fields, head, upstreamHead });
          if (isEnding) socket.destroy();
        },
      };
      const { upgrade } = request.headers;
      upstream.client.send({ ...message, body: null, trailers: noTrailers, expectsContinue: false, upgrade }, handler);
    });
  };

  return {
    // It speaks HTTP/1.1 on both sides.
    fastPath: options.upstreamProtocol === 'h2' ? undefined : { handle: handleFast, closing },

    handle(request, response) {
      const client = clientSocket(request.socket);
      const earlier = begun.get(client);
      begun.delete(client);
      if (earlier === undefined) forward(request, response);
      else complete(earlier, request, response);
    },

    upgrade(serve, request, socket, head) {
      if (!canUpgrade(request)) return serveWithoutUpgrade(serve, request, socket, head);
      socket.on('error', () => socket.destroy());
      return forwardUpgrade(request, socket, head);
    },

    stream: (stream, rawHeaders, ended) =>
      forwardStream(
        { stream, rawHeaders, ended },
        { filter, clientOf, client: upstream.client, health, stallTimeoutMs },
      ),

    endUpgraded() {
      isEnding = true;
      for (const socket of upgraded) socket.destroy();
    },

    close: () => upstream.close(),
  };
}

function noTrailers(): [] {
  return [];
}
