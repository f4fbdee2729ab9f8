import fastify, { type FastifyInstance } from 'fastify';

/** Neither validates nor serializes by a schema: then Fastify does not load its compilers, a tenth of the start. */
const WITHOUT_SCHEMAS = { compilersFactory: { buildValidator: refuse, buildSerializer: refuse } };

function refuse(): never {
  throw new Error('a route of the sidecar has a schema, for which there is no compiler');
}

/**
 * Creates an HTTP server for routes without schemas.
 * @param connections `end` closes those still open when it is closed; `wait` waits for them.
 */
export function createFastifyApp(connections: 'end' | 'wait'): FastifyInstance {
  return fastify({ forceCloseConnections: connections === 'end', logger: false, schemaController: WITHOUT_SCHEMAS });
}
