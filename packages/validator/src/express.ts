import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessToken } from '@crossfade/core';
import { expressNotFound } from './adapters/express-not-found.ts';
import { watchResponse } from './adapters/node-response.ts';
import {
  type AllowedRequest,
  type GuardDecision,
  NONCE_HEADER,
  newObservation,
  nextNonce,
  sunsetFields,
} from './guard/guard.ts';
import { type GuardOptions, type PreflightHandling, preflightOption } from './guard/guard-options.ts';
import { createProtectedResourceResponse, type ProtectedResourceOptions } from './guard/protected-resource-metadata.ts';
import type { HttpRejection } from './guard/rejection-response.ts';
import { METRICS_OPTION, type MeteredOptions } from './guard/request-meter.ts';
import { createRouteGuard, NOT_FOUND } from './guard/route-guard.ts';
import type { RouteOptions } from './guard/route-rules.ts';
import { connectionOrigin, nodeRequestReader } from './request/node-request-reader.ts';
import { countTrustedHops, forwardedBase } from './request/public-url.ts';
import type { RequestReader } from './request/request-reader.ts';

/** A request as Express passes it to middleware. */
export interface ExpressRequest extends IncomingMessage {
  /** Path and query, before any router stripped its mount path. */
  readonly originalUrl: string;
  /** The application, for its setting `trust proxy`. Other servers of such middleware have none, and trust no proxy. */
  readonly app?: { get(setting: string): unknown };
  /** The verified access token of the request; absent of a CORS preflight. */
  accessToken?: AccessToken | undefined;
}

/** Middleware for Express 4 and 5. */
export type ExpressMiddleware = (
  request: ExpressRequest,
  response: ServerResponse,
  next: (deferral?: unknown) => void,
) => void;

/** Options of {@link crossfade}: how it guards, and what the routes behind it demand. */
export interface CrossfadeExpressOptions extends GuardOptions<ExpressRequest>, RouteOptions, MeteredOptions {
  /** Responds while the feature of the route is off, for applications with their own 404 page. Default: Express's. */
  readonly notFound?: ExpressMiddleware;
  /**
   * `pass`: a CORS preflight, which carries no token, goes on unjudged and without `accessToken`, for the CORS middleware
   * behind the guard to respond to. It reaches every handler that takes `OPTIONS`, such as one of `app.all`. `judge`: it
   * gets 401; put the CORS middleware in front of the guard. Default: `pass`.
   */
  readonly preflight?: PreflightHandling;
}

declare global {
  namespace Express {
    interface Request {
      /** The verified access token of the request; absent where no guard was on its way, and of a CORS preflight. */
      accessToken?: import('@crossfade/core').AccessToken | undefined;
    }
  }
}

const ALLOWED = Symbol('crossfade.allowed');

type GuardedRequest = ExpressRequest & { [ALLOWED]?: AllowedRequest };

const reader: RequestReader<ExpressRequest> = {
  ...nodeRequestReader,
  base(request) {
    const headerValues = (name: string) => nodeRequestReader.headerValues(request, name);
    return forwardedBase({ origin: connectionOrigin(request), trusted: trustedHops(request), headerValues });
  },
  target: (request) => request.originalUrl,
};

/** By the application's setting `trust proxy`, which Express 4 and 5 compile into a function. */
function trustedHops(request: ExpressRequest): number {
  const isTrusted = request.app?.get('trust proxy fn');
  if (typeof isTrusted !== 'function') return 0;
  const forwardedFor = nodeRequestReader.headerValues(request, 'x-forwarded-for');
  return countTrustedHops(request.socket.remoteAddress, forwardedFor, (address, distance) =>
    Boolean(isTrusted(address, distance)),
  );
}

/**
 * Middleware that passes a request on with its verified access token in `request.accessToken`, or responds with 401,
 * 403 or 503 itself. Reads only the `Authorization` header. Several guards on the way of one request judge its token
 * once, so a route can demand more than the application does.
 *
 * @throws {@link ConfigError} with every problem of the options.
 * @example
 * app.use('/api', crossfade({ validator }));
 * app.get('/api/orders', crossfade({ validator, scope: 'orders:read' }), listOrders);
 */
export function crossfade(options: CrossfadeExpressOptions): ExpressMiddleware {
  const more = { ...NOT_FOUND, ...METRICS_OPTION, ...preflightOption('pass') };
  const check = createRouteGuard(options, reader, 'crossfade middleware', more);
  const { notFound = expressNotFound } = options;

  return (request: GuardedRequest, response, next) => {
    const decision = check(request, request[ALLOWED]);
    if (!(decision instanceof Promise)) return apply(decision);
    decision.then((later) => {
      const nonce = nextNonce(later);
      if (nonce !== undefined) response.setHeader(NONCE_HEADER, nonce);
      apply(later);
    }, next);

    function apply(given: GuardDecision): void {
      if (given === 'preflight') next();
      else if (given === 'hidden') notFound(request, response, next);
      else if ('rejection' in given) reject(response, given.rejection);
      else {
        for (const [name, value] of sunsetFields(given)) if (!response.hasHeader(name)) response.setHeader(name, value);
        const observation = newObservation(given, request[ALLOWED]);
        if (observation !== undefined) watchResponse(response, (name) => response.getHeader(name), observation);
        request[ALLOWED] = given;
        request.accessToken = given.accessToken;
        next();
      }
    }
  };
}

/**
 * Middleware that serves the metadata of the API at `/.well-known/oauth-protected-resource` and passes everything
 * else on. The path is fixed: use it on the application itself, before a guard of every route.
 * @throws {@link ConfigError} with every problem of the options.
 * @see RFC 9728 §3
 * @example
 * app.use(protectedResource({ validator, resource: 'https://api.example.com/orders' }));
 */
export function protectedResource(options: ProtectedResourceOptions): ExpressMiddleware {
  const { paths, headers, body } = createProtectedResourceResponse(options);
  return ({ method, originalUrl }, response, next) => {
    if (!paths.includes(pathOf(originalUrl)) || (method !== 'GET' && method !== 'HEAD')) return next();
    response.writeHead(200, headers).end(body());
  };
}

function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? '';
}

function reject(response: ServerResponse, { status, headers, body }: HttpRejection): void {
  response.writeHead(status, headers).end(body);
}
