import { type Bff, LoginRequiredError } from '@crossfade/client';
import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    readonly bff: { user(): ReturnType<Bff['user']>; fetch(url: URL): Promise<Response> };
  }
}

function toRequest(request: FastifyRequest): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) if (value) headers.set(name, String(value));
  return new Request(`http://${request.headers.host}${request.url}`, { method: request.method, headers });
}

/** Temporary. */
export function registerBff(app: FastifyInstance, { bff, api }: { bff: Bff; api: string }): void {
  app.decorateRequest('bff', {
    getter(this: FastifyRequest) {
      const request = toRequest(this);
      return { user: () => bff.user(request), fetch: (url: URL) => bff.fetch(request, url) };
    },
  });
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume();
    done(null);
  });
  app.addHook('onRequest', async (request, reply) => {
    let response = await bff.handle(toRequest(request));
    if (response === undefined && request.url.startsWith('/api/')) {
      try {
        const got = await bff.fetch(toRequest(request), new URL(request.url.slice(5), api));
        response = new Response(await got.text(), {
          status: got.status,
          headers: { 'content-type': 'application/json' },
        });
      } catch (error) {
        if (!(error instanceof LoginRequiredError)) throw error;
        response = Response.json({ code: 'login_required' }, { status: 401 });
      }
    }
    if (response === undefined) return;
    reply.code(response.status);
    for (const [name, value] of response.headers) if (name !== 'set-cookie') reply.header(name, value);
    const cookies = response.headers.getSetCookie();
    if (cookies.length > 0) reply.header('set-cookie', cookies);
    return reply.send(await response.text());
  });
}
