import { CrossfadeError, UnavailableError } from '@crossfade/core';
import type { OnClientEvent } from '../../events/client-event.ts';
import { LoginRequiredError } from '../../provider/errors.ts';
import { loginRequired } from '../http/login-required.ts';
import { problem } from '../http/responses.ts';
import { isSameOrigin } from '../http/same-origin.ts';
import type { ApiFetch } from './api-fetch.ts';
import { requestHeaders, responseHeaders } from './api-headers.ts';
import { ApiTimeoutError, createApiRequest } from './api-request.ts';
import { createApiRoutes } from './api-routes.ts';

export interface ApiProxyOptions {
  readonly publicUrl: string;
  readonly prefix: string;
  readonly api: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Sends the requests instead of our own, which leaves bodies as they are encoded. */
  readonly send: typeof fetch | undefined;
  readonly apiFetch: ApiFetch;
  /** The session cookie of a request. */
  readonly cookieOf: (request: Request) => string | undefined;
  readonly onEvent: OnClientEvent;
}

/** Responds to a request that is for an API; `undefined` for every other one. May throw `UnavailableError`. */
export type ApiProxy = (request: Request, url: URL) => Promise<Response | undefined>;

const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];
/** A body up to this length, if the request says so, is read first, so that it can be sent a second time. */
const REPLAYABLE_BYTES = 64 * 1024;

/** Creates the proxy from the browser to APIs: with the user's token instead of their cookies. @see RFC 10017 §6.1.3 */
export function createApiProxy(options: ApiProxyOptions): ApiProxy {
  const { publicUrl, prefix, timeoutMs, apiFetch, cookieOf, onEvent } = options;
  const routes = createApiRoutes(options.api);
  const send = options.send ?? createApiRequest(timeoutMs);
  const decodes = options.send !== undefined;
  /** On Node.js the signal of a request that is garbage follows no other: nothing would tell that the browser has gone. */
  const inProgress = new Set<Request>();

  function refusal(request: Request): Response | undefined {
    const { method, headers } = request;
    if (!SAFE_METHODS.includes(method) && !isSameOrigin(request, publicUrl)) {
      onEvent({ type: 'request_refused', check: 'origin' });
      return problem(403, { code: 'cross_site', title: 'The request did not come from this application' });
    }
    if (/\bwebsocket\b/i.test(headers.get('upgrade') ?? '')) {
      return problem(501, { code: 'upgrade_not_supported', title: 'WebSockets are not passed on to an API' });
    }
    if ((method === 'GET' || method === 'HEAD') && announcesBody(headers)) {
      return problem(400, { code: 'body_not_supported', title: `A ${method} request with a body is not passed on` });
    }
    return undefined;
  }

  async function forward(request: Request, target: URL): Promise<Response> {
    const { method, signal } = request;
    const body = await replayable(request);
    const headers = requestHeaders(request.headers, body !== null);
    // What `fetch` decodes cannot be passed on with its headers.
    if (decodes) headers.set('accept-encoding', 'identity');
    const init = { method, headers, body, signal, redirect: 'manual', ...(body !== null && { duplex: 'half' }) };
    const response = await apiFetch(cookieOf(request), target, init as RequestInit, send);
    const passed = responseHeaders(response.headers);
    if (decodes && passed.has('content-encoding')) {
      passed.delete('content-encoding');
      passed.delete('content-length');
    }
    return new Response(response.body, { status: response.status, headers: passed });
  }

  return async (request, url) => {
    const found = routes(url);
    if (found === undefined) return undefined;
    if ('invalid' in found)
      return problem(400, { code: 'path_not_allowed', title: 'The path has a dot segment, or a control character' });
    const refused = refusal(request);
    if (refused !== undefined) return refused;
    inProgress.add(request);
    try {
      return await forward(request, found.target);
    } catch (error) {
      if (error instanceof LoginRequiredError) return loginRequired(prefix);
      return failure(error);
    } finally {
      inProgress.delete(request);
    }
  };
}

/** @throws {@link UnavailableError} which says when to come back. */
function failure(error: unknown): Response {
  if (error instanceof UnavailableError) throw error;
  if (error instanceof CrossfadeError) {
    return problem(502, { code: error.code, title: 'The provider did not issue an access token' });
  }
  if (error instanceof ApiTimeoutError || isTimeout(error)) {
    return problem(504, { code: 'api_timeout', title: 'The API did not respond in time' });
  }
  return problem(502, { code: 'api_unreachable', title: 'The API cannot be reached' });
}

/** By the codes of undici, which a `fetch` of the application is most likely made of. */
function isTimeout(error: unknown): boolean {
  const { code } = ((error as Error | undefined)?.cause ?? {}) as { readonly code?: unknown };
  return ['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'ETIMEDOUT'].includes(String(code));
}

function announcesBody(headers: Headers): boolean {
  return headers.has('transfer-encoding') || Number(headers.get('content-length') ?? 0) > 0;
}

async function replayable(request: Request): Promise<Uint8Array | ReadableStream | null> {
  const length = request.headers.get('content-length');
  if (request.body === null) return null;
  return length !== null && Number(length) <= REPLAYABLE_BYTES
    ? new Uint8Array(await request.arrayBuffer())
    : request.body;
}
