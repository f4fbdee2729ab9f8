import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import { type BegunExchange, createFastProxy } from '../fast-path/fast-proxy.ts';
import { createForwarding, type ForwardingOptions } from '../http/client-address.ts';
import { createStallGuard } from '../http/idle-timeout.ts';
import { send } from '../http/problem.ts';
import { createRequestBody, discardRest } from '../http/request-body.ts';
import type { Observer } from '../meter/observer.ts';
import { type Arrival, createAdmission } from './admission.ts';
import type { DataHandlers } from './data-server.ts';
import { createExchange, type ExchangeHandler } from './exchange.ts';
import { passStream } from './http2-stream.ts';
import { dispatchOverNodeHttp } from './node-http-dispatch.ts';
import { repeatOnce } from './retry.ts';
import { canUpgrade, joinUpgraded, serveWithoutUpgrade } from './upgrade.ts';
import { createUpstream, type UpstreamAddress } from './upstream.ts';

export interface ReverseProxyOptions extends UpstreamAddress, ForwardingOptions {
  /** `observe` never delays or changes a request; `enforce` lets only accepted tokens through. */
  readonly judge: 'observe' | 'enforce';
  readonly observer: Observer;
  /** The sidecar is going out of service: answers are the last on their connection. */
  readonly closing: () => boolean;
  readonly stallTimeoutMs: number;
}

/** Passes requests on to the API and its answers back, and has every one of them counted. */
export interface ReverseProxy extends Required<DataHandlers> {
  /** Ends the connections that changed protocols; nothing else ever would. */
  endUpgraded(): void;
  close(): Promise<void>;
}

export function createReverseProxy(options: ReverseProxyOptions): ReverseProxy {
  const { judge, observer, closing, stallTimeoutMs } = options;
  const upstream = createUpstream(options);
  const { pool } = upstream;
  const admit = createAdmission({ observer, judge, pathPrefix: upstream.pathPrefix });
  const clientOf = createForwarding(options);
  const upgraded = new Set<Duplex>();

  const arrivalOf = (request: IncomingMessage, response: ServerResponse): Arrival => ({
    method: request.method ?? 'GET',
    target: request.url ?? '',
    rawHeaders: request.rawHeaders,
    client: clientOf(request.socket),
    gone: () => response.destroyed,
    answer: (problem) => send(response, problem),
  });

  /** By the client's connection: what the fast path began, and can't end. */
  const begun = new WeakMap<Socket, BegunExchange>();
  const fast = createFastProxy({
    admit,
    clientOf,
    api: upstream.fast,
    onBegun(client, exchange) {
      begun.set(client, exchange);
      client.once('close', () => exchange.bytes.destroy());
    },
  });

  const finish = (
    { message, observation, bytes }: BegunExchange,
    request: IncomingMessage,
    response: ServerResponse,
  ) => {
    const guard = createStallGuard(request, response, stallTimeoutMs);
    // It has been sent already.
    request.resume();
    dispatchOverNodeHttp(
      { outgoing: upstream.sent(message, bytes), body: Readable.from([]), trailers: () => [], onContinue() {} },
      createExchange({ response, observation, closing, body: null, guard }),
    );
  };

  return {
    fast: { handle: fast, closing },

    handle(request, response) {
      const earlier = begun.get(request.socket);
      if (earlier !== undefined) {
        begun.delete(request.socket);
        return finish(earlier, request, response);
      }
      admit(arrivalOf(request, response), ({ message, headers, observation }) => {
        const guard = createStallGuard(request, response, stallTimeoutMs);
        const discard = () => discardRest(request);
        const body = headers.hasBody ? createRequestBody({ readable: request, guard, discard }) : null;
        const outgoing = { ...message, body };
        const go = () => void pool.dispatch(outgoing, exchange);
        const repeat = repeatOnce(outgoing, go);
        const exchange = createExchange({ response, observation, closing, body, guard, repeat });
        if (body === null || !(headers.expectsContinue || headers.trailer.length > 0)) return go();
        if (headers.expectsContinue) message.headers.push('expect', '100-continue');
        if (headers.trailer.length > 0) message.headers.push('trailer', headers.trailer.join(', '));
        const chunked = request.headers['content-length'] === undefined;
        if (chunked) message.headers.push('transfer-encoding', 'chunked');
        dispatchOverNodeHttp(
          {
            outgoing: upstream.request(message),
            body,
            trailers: () => (chunked ? request.rawTrailers : []),
            onContinue: () => response.writeContinue(),
          },
          exchange,
        );
      });
    },

    upgrade(serve, request, socket, head) {
      socket.on('error', () => socket.destroy());
      if (!canUpgrade(request)) return serveWithoutUpgrade(serve, request, socket, head);
      const response = new ServerResponse(request);
      response.shouldKeepAlive = false;
      response.assignSocket(request.socket);
      response.once('finish', () => socket.end());
      const guard = createStallGuard(request, response, stallTimeoutMs);
      admit(arrivalOf(request, response), ({ message, observation }) => {
        const handler: ExchangeHandler = {
          ...createExchange({ response, observation, closing, body: null, guard }),
          onUpgrade(status, rawHeaders, upstreamSocket) {
            observation.responded(status);
            response.detachSocket(request.socket);
            upgraded.add(socket);
            socket.once('close', () => upgraded.delete(socket));
            joinUpgraded(socket, upstreamSocket, { status, rawHeaders: rawHeaders ?? [], head });
          },
        };
        pool.dispatch({ ...message, upgrade: request.headers.upgrade ?? null }, handler);
      });
    },

    stream: (stream, rawHeaders, ended) =>
      passStream({ stream, rawHeaders, ended }, { admit, clientOf, pool, stallTimeoutMs }),

    endUpgraded() {
      for (const socket of upgraded) socket.destroy();
    },

    close: () => upstream.close(),
  };
}
