import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { adminRoutes } from './admin-routes.ts';
import { AwsError } from './aws-error.ts';
import { applicationRoutes } from './control/application-routes.ts';
import { deploymentRoutes } from './control/deployment-routes.ts';
import { environmentRoutes } from './control/environment-routes.ts';
import { profileRoutes } from './control/profile-routes.ts';
import { strategyRoutes } from './control/strategy-routes.ts';
import { versionRoutes } from './control/version-routes.ts';
import { tooLarge } from './create-version.ts';
import { dataRoutes } from './data/data-routes.ts';
import { faultHooks } from './fault-hooks.ts';
import { MAX_CONTENT_KIBIBYTES } from './quota.ts';
import type { World } from './world.ts';

/** Both planes and the admin paths, as one HTTP server. */
export function createServer(world: World): FastifyInstance {
  const server = Fastify({
    bodyLimit: (MAX_CONTENT_KIBIBYTES + 1) * 1024,
    forceCloseConnections: true,
    genReqId: () => randomUUID(),
    exposeHeadRoutes: false,
  });
  // A hosted configuration is bytes whatever its type says, also when that is application/json.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-amzn-requestid', request.id);
  });
  server.setErrorHandler((error, _request, reply) => sendError(reply, error));
  server.setNotFoundHandler(({ method, url }, reply) => {
    const path = url.split('?', 1)[0];
    sendError(reply, new AwsError('UnknownOperationException', `this emulator does not speak ${method} ${path}`));
  });

  adminRoutes(server, world);
  faultHooks(server, world.faults);
  const { store } = world;
  applicationRoutes(server, store);
  environmentRoutes(server, store);
  profileRoutes(server, store);
  versionRoutes(server, store);
  strategyRoutes(server, store);
  deploymentRoutes(server, store);
  dataRoutes(server, world);
  return server;
}

function sendError(reply: FastifyReply, error: unknown): void {
  const answer = asAwsError(error);
  reply
    .code(answer.status)
    .header('x-amzn-errortype', answer.type)
    .type('application/json')
    .send({ Message: answer.message, ...answer.members });
}

function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  const { statusCode = 500, message = 'unknown' } =
    error instanceof Error ? (error as Error & { statusCode?: number }) : {};
  if (statusCode === 413) return tooLarge((MAX_CONTENT_KIBIBYTES + 1) * 1024);
  return statusCode < 500
    ? new AwsError('BadRequestException', message)
    : new AwsError('InternalServerException', message);
}
