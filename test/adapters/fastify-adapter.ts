import { crossfade } from '@crossfade/validator/fastify';
import fastify from 'fastify';
import { type Adapter, guardOptions, routesOf } from './adapter.ts';
import { sendOverHttp } from './over-http.ts';

export const fastifyAdapter: Adapter = {
  name: 'Fastify',
  async start(setup) {
    const app = fastify();
    app.addContentTypeParser('application/x-www-form-urlencoded', (_request, payload, done) => {
      payload.resume().on('end', () => done(null));
    });
    await app.register(crossfade, guardOptions(setup));
    for (const [path, route] of routesOf(setup)) {
      app.post(path, { config: { crossfade: route } }, async (request) => request.accessToken?.subject);
    }
    const base = await app.listen({ port: 0, host: '127.0.0.1' });
    return { send: (request) => sendOverHttp(base, request), close: () => app.close() };
  },
};
