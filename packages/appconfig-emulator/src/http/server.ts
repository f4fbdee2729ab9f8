import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { applicationRoutes } from '../control/application-routes.ts';
import { deploymentRoutes } from '../control/deployment-routes.ts';
import { environmentRoutes } from '../control/environment-routes.ts';
import { profileRoutes } from '../control/profile-routes.ts';
import { settingsRoutes } from '../control/settings-routes.ts';
import { strategyRoutes } from '../control/strategy-routes.ts';
import { tagRoutes } from '../control/tag-routes.ts';
import { versionRoutes } from '../control/version-routes.ts';
import { dataRoutes } from '../data/data-routes.ts';
import { faultHooks } from '../faults/fault-hooks.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { checkAuthorization } from '../protocol/check-authorization.ts';
import { ADMIN_PREFIX, planeOf } from '../protocol/plane.ts';
import { unsupportedRoutes } from '../protocol/unsupported-routes.ts';
import { tooLarge } from '../resources/create-version.ts';
import type { World } from '../store/emulator-state.ts';
import { MAX_CONTENT_KIBIBYTES } from '../store/quota.ts';
import { adminRoutes } from './admin-routes.ts';

const BODY_LIMIT = (MAX_CONTENT_KIBIBYTES + 1) * 1024;

const GREETING = `A local AWS AppConfig for the AWS SDK and CLI: set their endpoint URL to this address, and sign with any credentials.
Its clock, faults and seeds: ${ADMIN_PREFIX}
`;

/** Both planes and the admin paths, as one HTTP server. */
export function createServer(world: World): FastifyInstance {
  const server = Fastify({
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: true,
    genReqId: () => randomUUID(),
    exposeHeadRoutes: false,
    frameworkErrors: (error, request, reply) => {
      reply.header('x-amzn-requestid', request.id);
      sendError(reply, error);
    },
    clientErrorHandler: refuseMalformed,
  });
  // A hosted configuration is bytes whatever its type says, also when that is application/json.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-amzn-requestid', request.id);
  });
  server.setErrorHandler(async (error, request, reply) => {
    const answer = asAwsError(error, Number(request.headers['content-length']));
    // A client that still sends would get a reset connection in place of the answer.
    if (answer.status === 413) await finished(request.raw.resume()).catch(() => undefined);
    sendError(reply, answer);
    return reply;
  });
  server.setNotFoundHandler(({ method, url }, reply) => {
    const path = url.split('?', 1)[0];
    sendError(reply, new AwsError('UnknownOperationException', `this emulator does not speak ${method} ${path}`));
  });

  server.get('/', (_request, reply) => {
    reply.type('text/plain').send(GREETING);
  });
  adminRoutes(server, world);
  faultHooks(server, world.faults);
  server.addHook('onRequest', async ({ url, headers }) => {
    if (planeOf(url) !== undefined) checkAuthorization(headers.authorization);
  });
  const { store } = world;
  applicationRoutes(server, store);
  environmentRoutes(server, store);
  profileRoutes(server, store);
  versionRoutes(server, store);
  strategyRoutes(server, store);
  deploymentRoutes(server, store);
  settingsRoutes(server, store);
  tagRoutes(server, store);
  unsupportedRoutes(server);
  dataRoutes(server, world);
  return server;
}

/** What is not even HTTP has no request, hence no id. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const body = JSON.stringify({ Message: 'the request is not HTTP that can be read' });
  socket.end(
    [
      'HTTP/1.1 400 Bad Request',
      'x-amzn-errortype: BadRequestException',
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

function sendError(reply: FastifyReply, error: unknown): void {
  const answer = asAwsError(error, 0);
  reply
    .code(answer.status)
    .header('x-amzn-errortype', answer.type)
    .type('application/json')
    .send({ Message: answer.message, ...answer.members });
}

function asAwsError(error: unknown, bytes: number): AwsError {
  if (error instanceof AwsError) return error;
  const { statusCode = 500, message = 'unknown' } =
    error instanceof Error ? (error as Error & { statusCode?: number }) : {};
  if (statusCode === 413) return tooLarge(Math.max(bytes || 0, BODY_LIMIT));
  return statusCode < 500
    ? new AwsError('BadRequestException', message)
    : new AwsError('InternalServerException', message);
}
