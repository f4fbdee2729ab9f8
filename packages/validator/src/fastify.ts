import { type AccessToken, ConfigError, type Judgement } from '@crossfade/core';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type CrossfadeRouteOptions,
  DEFAULT_ROUTE,
  type FastifyRoute,
  readFastifyRoute,
} from './adapters/fastify-route.ts';
import { routeConfigOf } from './adapters/fastify-route-config.ts';
import { type Admission, type Admitted, createGuard } from './guard/guard.ts';
import { type GuardOptions, guardSettings, guardShape } from './guard/guard-options.ts';
import { NONCE_HEADER, nextNonce } from './guard/next-nonce.ts';
import type { HttpRejection } from './guard/rejection-response.ts';
import { isHidden } from './guard/route-verdict.ts';
import { nodeRequestReader } from './request/node-request-reader.ts';
import type { RequestReader } from './request/request-reader.ts';
import { schemaProblems } from './schema/schema-problems.ts';

export { protectedResource } from './adapters/fastify-protected-resource.ts';
export type { CrossfadeRouteOptions } from './adapters/fastify-route.ts';

/** Options of the {@link crossfade} plugin. */
export interface CrossfadeFastifyOptions extends GuardOptions<FastifyRequest> {}

const ADMITTED = Symbol('crossfade.admitted');

declare module 'fastify' {
  interface FastifyRequest {
    /** The access token that let the request in; `undefined` on public routes. */
    readonly accessToken: AccessToken | undefined;
    [ADMITTED]: Admitted | undefined;
  }
  interface FastifyContextConfig {
    crossfade?: CrossfadeRouteOptions;
  }
}

/** What Fastify says of the origin heeds its own `trustProxy` setting. */
const reader: RequestReader<FastifyRequest> = {
  authorization: ({ raw }) => nodeRequestReader.authorization(raw),
  headerValues: ({ raw }, name) => nodeRequestReader.headerValues(raw, name),
  method: ({ method }) => method,
  origin: ({ protocol, host }) => `${protocol}://${host}`,
  target: ({ originalUrl }) => originalUrl,
  certificate: ({ raw }) => nodeRequestReader.certificate(raw),
};

// Fastify has settings of its own among them, such as `prefix`.
const optionsSchema = z.object(guardShape);

const guardRoutes: FastifyPluginAsync<CrossfadeFastifyOptions> = async (app, options) => {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) throw new ConfigError('crossfade plugin', schemaProblems(parsed.error));
  const { features, onJudgement } = options;
  const metered = onJudgement === undefined ? {} : { onJudgement: report };
  const guard = createGuard({ ...guardSettings<FastifyRequest>(parsed.data), ...metered }, reader);
  const routes = new WeakMap<CrossfadeRouteOptions, FastifyRoute>();

  function report(judgement: Judgement, request: FastifyRequest): void {
    try {
      onJudgement?.(judgement, request);
    } catch (error) {
      request.log.error({ err: error }, 'onJudgement failed');
    }
  }

  function routeOf(config: CrossfadeRouteOptions | undefined, url: string): FastifyRoute {
    if (config === undefined) return DEFAULT_ROUTE;
    const known = routes.get(config);
    if (known !== undefined) return known;
    const route = readFastifyRoute(config, features, url);
    routes.set(config, route);
    return route;
  }

  if (!app.hasRequestDecorator(ADMITTED)) {
    app.decorateRequest(ADMITTED, undefined);
    app.decorateRequest('accessToken', { getter: accessTokenOf });
  }
  // A typing error in a route must stop the start, not open the route or fail its first request.
  app.addHook('onRoute', (route) => {
    routeOf(route.config?.crossfade, route.url);
  });
  // With a callback: nearly every request is answered without waiting, and an async hook would make it wait.
  app.addHook('onRequest', (request, reply, done) => {
    const { crossfade: config, url } = routeConfigOf(request);
    const { isPublic, rules } = routeOf(config, url ?? '');
    if (isPublic) return isHidden(rules, features, []) ? reply.callNotFound() : done();
    const admission = guard.admit(request, rules, request[ADMITTED]);
    if (!(admission instanceof Promise)) return answer(admission, request, reply, done);
    admission.then((later) => {
      const nonce = nextNonce(later);
      if (nonce !== undefined) reply.header(NONCE_HEADER, nonce);
      answer(later, request, reply, done);
    }, done);
  });
};

/**
 * Guards every route of the scope it is registered in: lets a request through with its verified access token in
 * `request.accessToken`, or answers 401, 403 or 503 itself. Looks at the `Authorization` header only.
 *
 * @example
 * await app.register(crossfade, { validator });
 * app.get('/orders', { config: { crossfade: { scope: 'orders:read' } } }, listOrders);
 * app.get('/health', { config: { crossfade: { public: true } } }, health);
 */
export const crossfade: FastifyPluginAsync<CrossfadeFastifyOptions> = Object.assign(guardRoutes, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@crossfade/validator',
  [Symbol.for('plugin-meta')]: { name: '@crossfade/validator', fastify: '5.x' },
});

function accessTokenOf(this: FastifyRequest): AccessToken | undefined {
  return this[ADMITTED]?.accessToken;
}

function answer(admission: Admission, request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  if (admission === 'hidden') reply.callNotFound();
  else if ('refusal' in admission) send(reply, admission.refusal);
  else {
    request[ADMITTED] = admission;
    done();
  }
}

function send(reply: FastifyReply, { status, headers, body }: HttpRejection): void {
  // Of text, Fastify would state a charset, which JSON does not have (RFC 8259 §11).
  reply.code(status).headers(headers).send(Buffer.from(body));
}
