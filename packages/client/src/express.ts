import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConfigError } from '@crossfade/core';
import { adapterBff, type CrossfadeBffOptions } from './adapters/adapter-options.ts';
import { headerRequest, isBodyConsumed } from './adapters/node-request.ts';
import { type CrossfadeRequest, requestUser } from './adapters/request-user.ts';
import { concerns, isOurs, respond } from './adapters/respond.ts';
import { sendResponse } from './adapters/send-response.ts';

export type { CrossfadeBffOptions } from './adapters/adapter-options.ts';
export type { CrossfadeRequest } from './adapters/request-user.ts';

/** A request as Express passes it to middleware. */
export interface ExpressRequest extends IncomingMessage {
  /** Path and query, before any router stripped its mount path. Other servers of such middleware have none. */
  readonly originalUrl?: string;
  /** What a handler can do as the user of the request. */
  crossfade?: CrossfadeRequest;
}

/** Middleware for Express 4 and 5. */
export type ExpressMiddleware = (
  request: ExpressRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

declare global {
  namespace Express {
    interface Request {
      /** What a handler can do as the user of the request; absent where `crossfadeBff` was not on its way. */
      crossfade?: import('./adapters/request-user.ts').CrossfadeRequest;
    }
  }
}

/**
 * Middleware that responds to the requests of a backend for browsers, and gives every other one `request.crossfade`. Mount it on
 * the application itself, before any body parser: it passes bodies on as they come.
 *
 * @throws {@link ConfigError} without a backend.
 * @example
 * app.use(crossfadeBff({ bff }));
 * app.get('/orders', async (request, response) => response.json(await request.crossfade?.user()));
 */
export function crossfadeBff(options: CrossfadeBffOptions): ExpressMiddleware {
  const bff = adapterBff(options);

  return (request, response, next) => {
    const target = request.originalUrl ?? request.url ?? '/';
    request.crossfade ??= requestUser(bff, () => headerRequest({ request, target }, bff.publicUrl));
    if (isOurs(bff, target) && isBodyConsumed(request)) return next(consumed());
    const exchange = { request, response, target };
    if (!concerns(bff, exchange)) return next();
    respond(bff, exchange).then((ours) => (ours === undefined ? next() : sendResponse(ours, response)), next);
  };
}

function consumed(): ConfigError {
  const message = 'must be mounted before any body parser: the body of this request has already been read';
  return new ConfigError('crossfadeBff', [{ path: 'app.use', message }]);
}
