import { type AccessToken, ConfigError, type Judgement, UnavailableError } from '@crossfade/core';
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { authorizationValues, readBearerToken } from './bearer-token.ts';
import { type HttpRejection, rejectionResponse, unavailableResponse } from './rejection-response.ts';
import { schemaProblems } from './schema-problems.ts';
import type { JudgementContext, Validator } from './validator.ts';

/** Options of the {@link crossfade} plugin. */
export interface CrossfadeFastifyOptions {
  readonly validator: Validator;
  /** Called with every judgement, accepted or rejected, before the request goes on: for meters. */
  readonly onJudgement?: (judgement: Judgement, request: FastifyRequest) => void;
}

/** What one route asks for, in its `config.crossfade`. */
export interface CrossfadeRouteOptions {
  /** Scope the token must carry: a list, or one space-separated string. */
  readonly scope?: string | readonly string[];
  /** `true`: no token is asked for, and none is looked at. */
  readonly public?: boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The access token that let the request in; `undefined` on public routes. */
    accessToken: AccessToken | undefined;
  }
  interface FastifyContextConfig {
    crossfade?: CrossfadeRouteOptions;
  }
}

type Guard = JudgementContext | 'public';

const GUARDED: Guard = {};

const routeSchema = z
  .strictObject({
    scope: z.union([z.string().transform((scope) => scope.split(' ').filter(Boolean)), z.array(z.string())]).optional(),
    public: z.boolean().optional(),
  })
  .refine((route) => route.public !== true || route.scope === undefined, {
    path: ['scope'],
    error: 'must not stand beside public: a public route asks for no token',
  });

const guardRoutes: FastifyPluginCallback<CrossfadeFastifyOptions> = (app, { validator, onJudgement }, done) => {
  const guards = new WeakMap<CrossfadeRouteOptions, Guard>();
  const guardOf = (config: CrossfadeRouteOptions | undefined, url: string): Guard => {
    if (config === undefined) return GUARDED;
    const known = guards.get(config);
    if (known !== undefined) return known;
    const guard = readRouteOptions(config, url);
    guards.set(config, guard);
    return guard;
  };

  // A meter that fails must not cost a valid request.
  const report = (judgement: Judgement, request: FastifyRequest): void => {
    try {
      onJudgement?.(judgement, request);
    } catch (error) {
      request.log.error({ err: error }, 'onJudgement failed');
    }
  };

  if (typeof validator?.judge !== 'function') {
    return done(new ConfigError('crossfade plugin', [{ path: 'validator', message: 'is required: a validator' }]));
  }
  if (!app.hasRequestDecorator('accessToken')) app.decorateRequest('accessToken', undefined);
  // A typing error in a route must stop the start, not open the route or fail its first request.
  app.addHook('onRoute', (route) => {
    guardOf(route.config?.crossfade, route.url);
  });
  app.addHook('onRequest', async (request, reply) => {
    const { config, url } = request.routeOptions;
    const guard = guardOf(config.crossfade, url ?? '');
    if (guard === 'public') return;
    const judgement = await judged(validator, request, guard);
    if (judgement instanceof UnavailableError) return send(reply, unavailableResponse(judgement));
    report(judgement, request);
    if (judgement.outcome === 'rejected') return send(reply, rejectionResponse(judgement));
    request.accessToken = judgement;
  });
  done();
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
export const crossfade: FastifyPluginCallback<CrossfadeFastifyOptions> = Object.assign(guardRoutes, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@crossfade/validator',
  [Symbol.for('plugin-meta')]: { name: '@crossfade/validator', fastify: '5.x' },
});

function readRouteOptions(config: CrossfadeRouteOptions, url: string): Guard {
  const parsed = routeSchema.safeParse(config);
  if (!parsed.success) throw new ConfigError(`route ${url}: config.crossfade`, schemaProblems(parsed.error));
  const { public: isPublic, scope } = parsed.data;
  if (isPublic === true) return 'public';
  return scope === undefined ? GUARDED : { scope };
}

async function judged(
  validator: Validator,
  request: FastifyRequest,
  context: JudgementContext,
): Promise<Judgement | UnavailableError> {
  try {
    return await validator.judge(readBearerToken(authorizationValues(request.raw.rawHeaders)), context);
  } catch (error) {
    if (error instanceof UnavailableError) return error;
    throw error;
  }
}

function send(reply: FastifyReply, { status, headers, body }: HttpRejection): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}
