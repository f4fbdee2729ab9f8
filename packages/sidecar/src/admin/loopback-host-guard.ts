import { BlockList } from 'node:net';
import type { FastifyInstance } from 'fastify';

const LOOPBACK_NAME = /^(?:(?:[a-z0-9_-]+\.)*localhost\.?|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

const REFUSAL =
  'This port is on loopback and responds only to requests whose Host is localhost, 127.0.0.1 or [::1].\n' +
  'Use one of these names, or open the port to the network in the plan.\n';

/** Whether a `Host` header names this machine's loopback, with or without a port. */
export function isLoopbackName(host: string): boolean {
  return LOOPBACK_NAME.test(host);
}

/**
 * Responds 421 to a request that reached a loopback port under another name. A web page can make its own name resolve to
 * 127.0.0.1 (DNS rebinding) and then read this port as its own origin; the name that it used stays in `Host`. Which names
 * a port on the network has, only its operator knows: there every name is served. A request without `Host` is HTTP/1.0,
 * which no browser sends. Call it before any route is added.
 */
export function guardLoopbackHost(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const { host } = request.headers;
    if (host === undefined || isLoopbackName(host) || !isOnLoopback(app)) return;
    return reply.code(421).type('text/plain; charset=utf-8').send(REFUSAL);
  });
}

function isOnLoopback({ server }: FastifyInstance): boolean {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') return false;
  return loopback.check(bound.address, bound.family === 'IPv6' ? 'ipv6' : 'ipv4');
}
