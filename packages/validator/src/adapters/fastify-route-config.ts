import type { FastifyContextConfig, FastifyRequest } from 'fastify';

type RouteConfig = FastifyContextConfig & { readonly url?: string };
type Context = { readonly config?: RouteConfig };

/** What Fastify 5 keeps the route of a request under. */
const DESCRIPTION = 'fastify.context';
let contextOf: symbol | undefined;

/**
 * The `config` of the route that a request came to, with the `url` of that route.
 *
 * `request.routeOptions` says the same, but makes an object of twelve fields each time, an eighth of all that the
 * plugin costs. It is asked wherever Fastify keeps its routes otherwise than expected.
 */
export function routeConfigOf(request: FastifyRequest): RouteConfig {
  contextOf ??= Object.getOwnPropertySymbols(request).find(({ description }) => description === DESCRIPTION);
  const context = contextOf === undefined ? undefined : (request as unknown as Record<symbol, Context>)[contextOf];
  return context?.config ?? request.routeOptions.config;
}
