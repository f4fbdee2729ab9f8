import type { AccessToken, ApiResponse } from '@crossfade/core';
import { type AllowedRequest, NONCE_HEADER, nextNonce, sunsetFields } from './guard/guard.ts';
import { type GuardOptions, type PreflightHandling, preflightOption } from './guard/guard-options.ts';
import { createProtectedResourceResponse, type ProtectedResourceOptions } from './guard/protected-resource-metadata.ts';
import { METRICS_OPTION, type MeteredOptions } from './guard/request-meter.ts';
import { createRouteGuard, NOT_FOUND } from './guard/route-guard.ts';
import type { RouteOptions } from './guard/route-rules.ts';
import { fetchRequestReader } from './request/fetch-request-reader.ts';

/** Options of {@link crossfade}: how it guards, and what its handler demands. */
export interface CrossfadeFetchOptions extends GuardOptions<Request>, RouteOptions, MeteredOptions {
  /** Responds while the feature of the handler is off. Default: a plain 404. */
  readonly notFound?: (request: Request) => Response | Promise<Response>;
  /**
   * `judge`: a CORS preflight, which carries no token, gets 401; respond to it before the guard. `pass`: the handler gets
   * it, without an access token, and has to respond to it. Default: `judge`, because no CORS layer follows this guard.
   */
  readonly preflight?: PreflightHandling;
}

/**
 * Guards a handler of `fetch` requests (Next.js, Hono, Workers, Deno, Bun): calls it with the verified access token,
 * or responds with 401, 403 or 503 itself. Reads only the `Authorization` header. Further arguments of the server
 * follow the token.
 *
 * @throws {@link ConfigError} with every problem of the options.
 * @example
 * export const GET = crossfade({ validator, scope: 'orders:read' }, (request, accessToken) => listOrders(accessToken));
 */
export function crossfade<Rest extends unknown[]>(
  options: CrossfadeFetchOptions & { readonly preflight?: 'judge' },
  handler: (request: Request, accessToken: AccessToken, ...rest: Rest) => Response | Promise<Response>,
): (request: Request, ...rest: Rest) => Promise<Response>;
/** With `preflight: 'pass'`: calls the handler for CORS preflights, too, without an access token. */
export function crossfade<Rest extends unknown[]>(
  options: CrossfadeFetchOptions,
  handler: (request: Request, accessToken: AccessToken | undefined, ...rest: Rest) => Response | Promise<Response>,
): (request: Request, ...rest: Rest) => Promise<Response>;
export function crossfade<Rest extends unknown[]>(
  options: CrossfadeFetchOptions,
  // The overloads say what a handler gets.
  handler: (request: Request, accessToken: never, ...rest: Rest) => Response | Promise<Response>,
): (request: Request, ...rest: Rest) => Promise<Response> {
  const more = { ...NOT_FOUND, ...METRICS_OPTION, ...preflightOption('judge') };
  const check = createRouteGuard(options, fetchRequestReader, 'crossfade handler', more);
  const { notFound } = options;

  return async (request, ...rest) => {
    const decision = await check(request);
    if (decision === 'preflight') return handler(request, undefined as never, ...rest);
    if (decision === 'hidden') return notFound === undefined ? plainNotFound() : notFound(request);
    if (!('rejection' in decision)) {
      const response = await handler(request, decision.accessToken as never, ...rest);
      decision.observation?.responded(apiResponseOf(response));
      return withHeaders(response, decision);
    }
    const { status, headers, body } = decision.rejection;
    return new Response(body, { status, headers });
  };
}

/**
 * Handler that serves the metadata of the API at `/.well-known/oauth-protected-resource`; `undefined` for every other
 * request.
 * @throws {@link ConfigError} with every problem of the options.
 * @see RFC 9728 §3
 * @example
 * const metadata = protectedResource({ validator, resource: 'https://api.example.com/orders' });
 * const response = metadata(request) ?? (await orders(request));
 */
export function protectedResource(options: ProtectedResourceOptions): (request: Request) => Response | undefined {
  const { paths, headers, body } = createProtectedResourceResponse(options);
  return ({ method, url }) => {
    if (!paths.includes(new URL(url).pathname) || (method !== 'GET' && method !== 'HEAD')) return undefined;
    return new Response(method === 'HEAD' ? null : body(), { headers });
  };
}

function apiResponseOf({ status, headers }: Response): ApiResponse {
  const read = (name: string) => headers.get(name) ?? undefined;
  return {
    status,
    contentType: read('content-type'),
    grpcStatus: read('grpc-status'),
    wwwAuthenticate: read('www-authenticate'),
  };
}

/** Copies the response, because one that came from `fetch` is immutable. */
function withHeaders(response: Response, decision: AllowedRequest): Response {
  const nonce = nextNonce(decision);
  const sunset = sunsetFields(decision).filter(([name]) => !response.headers.has(name));
  // A response that switches protocols cannot be copied.
  if ((nonce === undefined && sunset.length === 0) || response.status < 200) return response;
  const copy = new Response(response.body, response);
  if (nonce !== undefined) copy.headers.set(NONCE_HEADER, nonce);
  for (const [name, value] of sunset) copy.headers.set(name, value);
  return copy;
}

const plainNotFound = () => new Response('404 Not Found', { status: 404, headers: { 'content-type': 'text/plain' } });
