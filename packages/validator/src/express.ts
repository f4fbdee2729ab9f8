import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessToken } from '@crossfade/core';
import { expressNotFound } from './adapters/express-not-found.ts';
import type { Admission, Admitted } from './guard/guard.ts';
import type { GuardOptions } from './guard/guard-options.ts';
import { NONCE_HEADER, nextNonce } from './guard/next-nonce.ts';
import type { ProtectedResourceOptions } from './guard/protected-resource-metadata.ts';
import { createProtectedResourceResponse } from './guard/protected-resource-response.ts';
import type { HttpRejection } from './guard/rejection-response.ts';
import { createRouteGuard } from './guard/route-guard.ts';
import type { RouteOptions } from './guard/route-rules.ts';
import { nodeRequestReader } from './request/node-request-reader.ts';
import type { RequestReader } from './request/request-reader.ts';

/** A request as Express hands it on. */
export interface ExpressRequest extends IncomingMessage {
  /** Path and query, before any router took its part of it. */
  readonly originalUrl: string;
  readonly protocol: string;
  /** The access token that let the request in. */
  accessToken?: AccessToken | undefined;
}

/** Middleware for Express 4 and 5. */
export type ExpressMiddleware = (
  request: ExpressRequest,
  response: ServerResponse,
  next: (deferral?: unknown) => void,
) => void;

/** Options of {@link crossfade}: how it guards, and what the routes behind it ask for. */
export interface CrossfadeExpressOptions extends GuardOptions<ExpressRequest>, RouteOptions {
  /** Answers while the feature of the route is off: for applications with a 404 page of their own. Default: Express's. */
  readonly notFound?: ExpressMiddleware;
}

declare global {
  namespace Express {
    interface Request {
      /** The access token that let the request in; absent where no guard was on its way. */
      accessToken?: import('@crossfade/core').AccessToken | undefined;
    }
  }
}

const ADMITTED = Symbol('crossfade.admitted');

type GuardedRequest = ExpressRequest & { [ADMITTED]?: Admitted };

/** What Express says of the protocol heeds its own `trust proxy` setting. */
const reader: RequestReader<ExpressRequest> = {
  ...nodeRequestReader,
  origin: (request) => `${request.protocol}://${request.headers.host ?? ''}`,
  target: (request) => request.originalUrl,
};

/**
 * Middleware that lets a request through with its verified access token in `request.accessToken`, or answers 401, 403
 * or 503 itself. Looks at the `Authorization` header only. Several of them on the way of one request judge its token
 * once, so a route can ask for more than the application does.
 *
 * @throws {@link ConfigError} with every problem of the options.
 * @example
 * app.use('/api', crossfade({ validator }));
 * app.get('/api/orders', crossfade({ validator, scope: 'orders:read' }), listOrders);
 */
export function crossfade(options: CrossfadeExpressOptions): ExpressMiddleware {
  const admit = createRouteGuard(options, reader, 'crossfade middleware');
  const { notFound = expressNotFound } = options;

  return (request: GuardedRequest, response, next) => {
    const admission = admit(request, request[ADMITTED]);
    if (!(admission instanceof Promise)) return answer(admission);
    admission.then((later) => {
      const nonce = nextNonce(later);
      if (nonce !== undefined) response.setHeader(NONCE_HEADER, nonce);
      answer(later);
    }, next);

    function answer(given: Admission): void {
      if (given === 'hidden') notFound(request, response, next);
      else if ('refusal' in given) refuse(response, given.refusal);
      else {
        request[ADMITTED] = given;
        request.accessToken = given.accessToken;
        next();
      }
    }
  };
}

/**
 * Middleware that serves the metadata of the API at `/.well-known/oauth-protected-resource` and passes everything
 * else on. The place is fixed: use it on the application itself, before a guard of everything.
 * @throws {@link ConfigError} with every problem of the options.
 * @see RFC 9728 §3
 * @example
 * app.use(protectedResource({ validator, resource: 'https://api.example.com/orders' }));
 */
export function protectedResource(options: ProtectedResourceOptions): ExpressMiddleware {
  const { path, headers, body } = createProtectedResourceResponse(options);
  return ({ method, originalUrl }, response, next) => {
    if (originalUrl.split('?', 1)[0] !== path || (method !== 'GET' && method !== 'HEAD')) return next();
    response.writeHead(200, headers).end(body());
  };
}

function refuse(response: ServerResponse, { status, headers, body }: HttpRejection): void {
  response.writeHead(status, headers).end(body);
}
