import { UnavailableError } from '@crossfade/core';
import type { BffContext, BffRoute } from './bff-context.ts';
import { problem } from './http/responses.ts';
import { unavailablePage, unexpectedPage } from './pages/failure-pages.ts';
import { unexpectedError } from './unexpected-error.ts';

type Method = 'GET' | 'POST';

/** The routes below the prefix, by the rest of their path and their method. */
export type BffRoutes = Readonly<Record<string, Partial<Readonly<Record<Method, BffRoute>>>>>;

/** A code is for one use: what looks at links ahead of a user must not redeem it. */
const WITHOUT_HEAD: readonly string[] = ['callback'];

/** Responds to a request below the prefix. */
export async function routeRequest(request: Request, url: URL, prefix: string, routes: BffRoutes): Promise<Response> {
  const name = url.pathname.slice(prefix.length + 1);
  const methods = Object.hasOwn(routes, name) ? routes[name] : undefined;
  if (methods === undefined) return problem(404, { code: 'not_found', title: 'There is no such route' });
  const asHead = request.method === 'HEAD' && !WITHOUT_HEAD.includes(name);
  const route = methods[(asHead ? 'GET' : request.method) as Method];
  if (route === undefined) return methodNotAllowed(name, Object.keys(methods));
  const response = await route(request, url);
  return asHead ? new Response(null, response) : response;
}

function methodNotAllowed(name: string, methods: readonly string[]): Response {
  const allow = methods.flatMap((method) =>
    method === 'GET' && !WITHOUT_HEAD.includes(name) ? ['GET', 'HEAD'] : [method],
  );
  const headers = { allow: allow.join(', ') };
  return problem(405, { code: 'method_not_allowed', title: 'The route has no such method', headers });
}

/** Responds to an error that no route expects: 503 while a store is down, else 500 and an event, without details. */
export function errorResponse(
  error: unknown,
  request: Request,
  { page, onEvent }: Pick<BffContext, 'page' | 'onEvent'>,
) {
  const isForUser = /\btext\/html\b/.test(request.headers.get('accept') ?? '');
  if (error instanceof UnavailableError) {
    // The same URL once more, but for a form: the page that has it.
    if (isForUser) return unavailablePage(error, request.method === 'GET' ? '' : new URL(request.url).pathname, page);
    const headers = { 'retry-after': String(error.retryAfterSeconds) };
    return problem(503, { code: error.code, title: 'The session store or the provider does not respond', headers });
  }
  onEvent(unexpectedError(error));
  if (isForUser) return page(unexpectedPage());
  return problem(500, { code: 'unexpected_error', title: 'The request failed on our side' });
}
