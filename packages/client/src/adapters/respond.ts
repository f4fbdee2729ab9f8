import type { Bff } from '../bff/bff.ts';
import { type NodeExchange, pathOf, webRequest } from './node-request.ts';

/**
 * Responds to a request of `node:http` if it is for a backend for browsers, or a navigation that it has to send to the provider.
 * @returns `undefined` for one that is the application's own.
 */
export async function respond(bff: Bff, exchange: NodeExchange): Promise<Response | undefined> {
  if (!isOurs(bff, exchange.target) && !isNavigation(exchange)) return undefined;
  const request = webRequest(exchange, bff.publicUrl);
  return request && bff.handle(request);
}

/** Whether a backend responds to every request of a path. */
export function isOurs(bff: Bff, target: string): boolean {
  const path = pathOf(target);
  return bff.paths.some((prefix) => path.startsWith(prefix)) || path === bff.prefix;
}

/** The other requests of an application are not converted: that costs time, and `handle` would leave them alone. */
function isNavigation({ request: { method, headers } }: NodeExchange): boolean {
  return method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
}
