import type { AccessToken } from '@crossfade/core';
import type { GuardOptions } from './guard/guard-options.ts';
import { NONCE_HEADER, nextNonce } from './guard/next-nonce.ts';
import type { ProtectedResourceOptions } from './guard/protected-resource-metadata.ts';
import { createProtectedResourceResponse } from './guard/protected-resource-response.ts';
import { createRouteGuard } from './guard/route-guard.ts';
import type { RouteOptions } from './guard/route-rules.ts';
import { fetchRequestReader } from './request/fetch-request-reader.ts';

/** Options of {@link crossfade}: how it guards, and what its handler asks for. */
export interface CrossfadeFetchOptions extends GuardOptions<Request>, RouteOptions {
  /** Answers while the feature of the handler is off. Default: a plain 404. */
  readonly notFound?: (request: Request) => Response | Promise<Response>;
}

/**
 * Guards a handler of `fetch` requests, as Next.js, Hono, Workers, Deno and Bun have them: calls it with the verified
 * access token, or answers 401, 403 or 503 itself. Looks at the `Authorization` header only. Whatever else the
 * server calls the handler with comes behind the token.
 *
 * @throws {@link ConfigError} with every problem of the options.
 * @example
 * export const GET = crossfade({ validator, scope: 'orders:read' }, (request, accessToken) => listOrders(accessToken));
 */
export function crossfade<Rest extends unknown[]>(
  options: CrossfadeFetchOptions,
  handler: (request: Request, accessToken: AccessToken, ...rest: Rest) => Response | Promise<Response>,
): (request: Request, ...rest: Rest) => Promise<Response> {
  const admit = createRouteGuard(options, fetchRequestReader, 'crossfade handler');
  const { notFound } = options;

  return async (request, ...rest) => {
    const admission = await admit(request);
    if (admission === 'hidden') return notFound === undefined ? NOT_FOUND() : notFound(request);
    if (!('refusal' in admission)) {
      const response = await handler(request, admission.accessToken, ...rest);
      return withNonce(response, nextNonce(admission));
    }
    const { status, headers, body } = admission.refusal;
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
 * const answer = metadata(request) ?? (await orders(request));
 */
export function protectedResource(options: ProtectedResourceOptions): (request: Request) => Response | undefined {
  const { path, headers, body } = createProtectedResourceResponse(options);
  return ({ method, url }) => {
    if (new URL(url).pathname !== path || (method !== 'GET' && method !== 'HEAD')) return undefined;
    return new Response(method === 'HEAD' ? null : body(), { headers });
  };
}

/** A response that came from `fetch` can't be changed, so another one has to hand it on. */
function withNonce(response: Response, nonce: string | undefined): Response {
  // One that switches protocols can't be made again.
  if (nonce === undefined || response.status < 200) return response;
  const changeable = new Response(response.body, response);
  changeable.headers.set(NONCE_HEADER, nonce);
  return changeable;
}

const NOT_FOUND = () => new Response('404 Not Found', { status: 404, headers: { 'content-type': 'text/plain' } });
