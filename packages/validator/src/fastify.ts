import { type AccessToken, ConfigError, type Judgement } from '@crossfade/core';
import { schemaProblems } from '@crossfade/core/schema';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type CrossfadeRouteOptions,
  DEFAULT_ROUTE,
  type FastifyRoute,
  readFastifyRoute,
} from './adapters/fastify-route.ts';
import { routeConfigOf } from './adapters/fastify-route-config.ts';
import { watchResponse } from './adapters/node-response.ts';
import {
  type AllowedRequest,
  createGuard,
  type GuardDecision,
  NONCE_HEADER,
  newObservation,
  nextNonce,
  sunsetFields,
} from './guard/guard.ts';
import {
  type GuardOptions,
  guardSettings,
  guardShape,
  type PreflightHandling,
  preflightOption,
} from './guard/guard-options.ts';
import type { HttpRejection } from './guard/rejection-response.ts';
import { METRICS_OPTION, type MeteredOptions } from './guard/request-meter.ts';
import { isHidden } from './guard/route-verdict.ts';
import { nodeRequestReader } from './request/node-request-reader.ts';
import { forwardedBase } from './request/public-url.ts';
import type { RequestReader } from './request/request-reader.ts';

export { protectedResource } from './adapters/fastify-protected-resource.ts';
export type { CrossfadeRouteOptions } from './adapters/fastify-route.ts';

/** Options of the {@link crossfade} plugin. */
export interface CrossfadeFastifyOptions extends GuardOptions<FastifyRequest>, MeteredOptions {
  /**
   * `pass`: a CORS preflight, which carries no token, goes on unjudged and without `accessToken`, for `@fastify/cors` to
   * respond to, wherever it is registered. It reaches every route that takes `OPTIONS`. `judge`: it gets 401; register
   * `@fastify/cors` before this plugin. Default: `pass`.
   */
  readonly preflight?: PreflightHandling;
}

const ALLOWED = Symbol('crossfade.allowed');

declare module 'fastify' {
  interface FastifyRequest {
    /** The verified access token of the request; `undefined` on public routes, and of a CORS preflight. */
    readonly accessToken: AccessToken | undefined;
    [ALLOWED]: AllowedRequest | undefined;
  }
  interface FastifyContextConfig {
    crossfade?: CrossfadeRouteOptions;
  }
}

const reader: RequestReader<FastifyRequest> = {
  authorization: ({ raw }) => nodeRequestReader.authorization(raw),
  headerValues: ({ raw }, name) => nodeRequestReader.headerValues(raw, name),
  headerNames: ({ raw }) => nodeRequestReader.headerNames(raw),
  method: ({ method }) => method,
  hasBody: ({ raw }) => nodeRequestReader.hasBody?.(raw) === true,
  /** Fastify's `protocol`, `host` and `ips` follow its own setting `trustProxy`; `ips` begins with the peer. */
  base({ protocol, host, ips = [], raw }) {
    const headerValues = (name: string) => nodeRequestReader.headerValues(raw, name);
    return forwardedBase({ origin: `${protocol}://${host}`, trusted: Math.max(0, ips.length - 1), headerValues });
  },
  target: ({ originalUrl }) => originalUrl,
  certificate: ({ raw }) => nodeRequestReader.certificate(raw),
};

// Not strict: Fastify's own settings, such as `prefix`, are among the options.
const optionsSchema = z.object({ ...guardShape, ...METRICS_OPTION, ...preflightOption('pass') });

const guardRoutes: FastifyPluginAsync<CrossfadeFastifyOptions> = async (app, options) => {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) throw new ConfigError('crossfade plugin', schemaProblems(parsed.error, optionsSchema));
  const { features, onJudgement } = options;
  const reported = onJudgement === undefined ? {} : { onJudgement: report };
  const { preflight, metrics } = parsed.data;
  const guard = createGuard({ ...guardSettings<FastifyRequest>(parsed.data), ...reported, preflight, metrics }, reader);
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
    const checked = routes.get(config);
    if (checked !== undefined) return checked;
    const route = readFastifyRoute(config, { features, validator: options.validator }, url);
    routes.set(config, route);
    return route;
  }

  if (!app.hasRequestDecorator(ALLOWED)) {
    app.decorateRequest(ALLOWED, undefined);
    app.decorateRequest('accessToken', { getter: accessTokenOf });
  }
  // A typo in a route's options must fail the start, not open the route or fail its first request.
  app.addHook('onRoute', (route) => {
    routeOf(route.config?.crossfade, route.url);
  });
  // With a callback: nearly every request is decided synchronously, and an async hook would make it wait.
  app.addHook('onRequest', (request, reply, done) => {
    const { crossfade: config, url } = routeConfigOf(request);
    const { isPublic, rules } = routeOf(config, url ?? '');
    if (isPublic) return isHidden(rules, features, []) ? reply.callNotFound() : done();
    const decision = guard.check(request, rules, request[ALLOWED]);
    if (!(decision instanceof Promise)) return apply(decision, request, reply, done);
    decision.then((later) => {
      const nonce = nextNonce(later);
      if (nonce !== undefined) reply.header(NONCE_HEADER, nonce);
      apply(later, request, reply, done);
    }, done);
  });
};

/**
 * Guards every route of the scope it is registered in: passes a request on with its verified access token in
 * `request.accessToken`, or responds with 401, 403 or 503 itself. Reads only the `Authorization` header.
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
  return this[ALLOWED]?.accessToken;
}

function apply(decision: GuardDecision, request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  if (decision === 'preflight') done();
  else if (decision === 'hidden') reply.callNotFound();
  else if ('rejection' in decision) send(reply, decision.rejection);
  else {
    // A missing path gets none, as a hidden route gets none: the two must look alike.
    if (!request.is404)
      for (const [name, value] of sunsetFields(decision)) if (!reply.hasHeader(name)) reply.header(name, value);
    const observation = newObservation(decision, request[ALLOWED]);
    if (observation !== undefined) watchResponse(reply.raw, (name) => reply.getHeader(name), observation);
    request[ALLOWED] = decision;
    done();
  }
}

function send(reply: FastifyReply, { status, headers, body }: HttpRejection): void {
  // A buffer: to a string Fastify would add a charset, which JSON does not have (RFC 8259 §11).
  reply.code(status).headers(headers).send(Buffer.from(body));
}
