import { crossfade } from '@crossfade/validator/fetch';
import { type Context, Hono } from 'hono';
import { type Adapter, guardOptions, type ReceivedResponse, routesOf, type SentRequest } from './adapter.ts';
import { ORIGIN } from './fixture.ts';

/** Handlers by path, as Next.js has them. */
const handlers: Adapter = {
  name: 'fetch handler',
  async start(setup) {
    const guarded = routesOf(setup).map(
      ([path, route]) =>
        [path, crossfade({ ...guardOptions(setup), ...route }, (_, token) => new Response(token.subject))] as const,
    );
    const byPath = new Map(guarded);
    return {
      async send(request) {
        const handler = byPath.get(request.path);
        const response = await handler?.(requestOf(request));
        return receivedResponse(
          response ?? new Response('404 Not Found', { status: 404, headers: { 'content-type': 'text/plain' } }),
        );
      },
      close: async () => {},
    };
  },
};

const hono: Adapter = {
  name: 'Hono',
  async start(setup) {
    const app = new Hono();
    for (const [path, route] of routesOf(setup)) {
      app.post(path, (context) => {
        const options = { ...guardOptions(setup), ...route, notFound: async () => context.notFound() };
        return crossfade(options, (_, token, { text }: Context) => text(token.subject ?? ''))(context.req.raw, context);
      });
    }
    return { send: async (request) => receivedResponse(await app.fetch(requestOf(request))), close: async () => {} };
  },
};

export const fetchAdapters = [handlers, hono];

function requestOf({ path, query, body, headers }: SentRequest): Request {
  const sent = new Headers();
  for (const [name, value] of headers) sent.append(name, value);
  return new Request(`${ORIGIN}${path}?${query}`, { method: 'POST', headers: sent, body });
}

async function receivedResponse(response: Response): Promise<ReceivedResponse> {
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate') ?? undefined,
    retryAfter: response.headers.get('retry-after') ?? undefined,
    contentType: response.headers.get('content-type') ?? undefined,
    deprecation: response.headers.get('deprecation') ?? undefined,
    sunset: response.headers.get('sunset') ?? undefined,
    body: await response.text(),
  };
}
