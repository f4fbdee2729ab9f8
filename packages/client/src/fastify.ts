import { ConfigError } from '@crossfade/core';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { adapterBff, type CrossfadeBffOptions } from './adapters/adapter-options.ts';
import { headerRequest } from './adapters/node-request.ts';
import { type CrossfadeRequest, requestUser } from './adapters/request-user.ts';
import { concerns, respond } from './adapters/respond.ts';
import { sendResponse } from './adapters/send-response.ts';

export type { CrossfadeBffOptions } from './adapters/adapter-options.ts';
export type { CrossfadeRequest } from './adapters/request-user.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What a handler can do as the user of the request. */
    readonly crossfade: CrossfadeRequest;
  }
}

const serveBrowsers: FastifyPluginAsync<CrossfadeBffOptions> = async (app, options) => {
  const bff = adapterBff(options, 'ignored');
  if (app.prefix !== '') {
    const message = `is not supported, because the backend has its own paths: register it without (found ${app.prefix})`;
    throw new ConfigError('crossfadeBff', [{ path: 'prefix', message }]);
  }
  const users = new WeakMap<FastifyRequest, CrossfadeRequest>();

  app.decorateRequest('crossfade', {
    getter() {
      const known = users.get(this);
      if (known !== undefined) return known;
      const user = requestUser(bff, () =>
        headerRequest({ request: this.raw, target: this.originalUrl }, bff.publicUrl),
      );
      users.set(this, user);
      return user;
    },
  });
  // Before a body is parsed: it is passed on as it comes. With a callback: most requests are the application's own.
  app.addHook('onRequest', (request, reply, done) => {
    const exchange = { request: request.raw, response: reply.raw, target: request.originalUrl };
    if (!concerns(bff, exchange)) return done();
    respond(bff, exchange).then((response) => (response === undefined ? done() : send(response, reply)), done);
  });
  app.addHook('onClose', () => bff.close());
  // The hook responds to all of them: routes, so that they are no unknown ones.
  for (const path of bff.paths) app.all(`${path}*`, (_, reply) => reply.callNotFound());
};

/**
 * Responds to the requests of a backend for browsers, and gives every other one `request.crossfade`. Register it on the
 * application itself, before hooks that guard its routes. Closing the application waits for refreshes in progress.
 *
 * @throws {@link ConfigError} without a backend, or with a prefix.
 * @example
 * await app.register(crossfadeBff, { bff });
 * app.get('/orders', (request) => request.crossfade.user());
 */
export const crossfadeBff: FastifyPluginAsync<CrossfadeBffOptions> = Object.assign(serveBrowsers, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@crossfade/client',
  [Symbol.for('plugin-meta')]: { name: '@crossfade/client', fastify: '5.x' },
});

async function send(response: Response, reply: FastifyReply): Promise<void> {
  // Fastify has responded meanwhile: its `handlerTimeout` was shorter than the API took.
  if (reply.raw.headersSent) return sendResponse(response, reply.raw);
  reply.hijack();
  // What other plugins have set, such as those of security headers.
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  await sendResponse(response, reply.raw);
}
