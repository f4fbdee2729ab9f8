import type { Bff } from '../bff/bff.ts';
import { type NodeExchange, pathOf, webRequest } from './node-request.ts';

/**
 * Whether a backend may have to respond to a request. The others of an application are not converted: that costs time, and
 * `handle` would leave them alone.
 */
export function concerns(bff: Bff, { request, target }: NodeExchange): boolean {
  const { method, headers } = request;
  return isOurs(bff, target) || (method === 'GET' && headers['sec-fetch-mode'] === 'navigate');
}

/** Whether a backend responds to every request of a path. */
export function isOurs(bff: Bff, target: string): boolean {
  const path = pathOf(target);
  return bff.paths.some((prefix) => path.startsWith(prefix)) || path === bff.prefix;
}

/** @returns `undefined` for a request that is the application's own. */
export async function respond(bff: Bff, exchange: NodeExchange): Promise<Response | undefined> {
  const request = webRequest(exchange, bff.publicUrl);
  return request && bff.handle(request);
}
