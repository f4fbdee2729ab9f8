import { adapterBff, type CrossfadeBffOptions } from './adapters/adapter-options.ts';

export type { CrossfadeBffOptions } from './adapters/adapter-options.ts';

/** Handles a request of the web. */
export interface CrossfadeBffHandler {
  /** `undefined`: the request is the application's own. */
  (request: Request): Promise<Response | undefined>;
  /** @param next responds to the requests that are the application's own. */
  <Result>(request: Request, next: () => Result | Promise<Result>): Promise<Response | Result>;
}

/**
 * Creates the handler for frameworks on `Request` and `Response` (Next.js route handlers, Hono, SvelteKit): it responds to the
 * requests of a backend for browsers, and calls `next` for all others. Inside the application, `bff.user`, `bff.token` and
 * `bff.fetch` take the same `Request`.
 *
 * @throws {@link ConfigError} without a backend.
 * @example
 * const handle = crossfadeBff({ bff });
 * app.use((context, next) => handle(context.req.raw, next)); // Hono
 */
export function crossfadeBff(options: CrossfadeBffOptions): CrossfadeBffHandler {
  const bff = adapterBff(options);
  return async <Result>(request: Request, next?: () => Result | Promise<Result>) =>
    (await bff.handle(request)) ?? (await next?.());
}
