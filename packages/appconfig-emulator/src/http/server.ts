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
import { AwsError } from '../protocol/aws-error.ts';
import { checkAuthorization } from '../protocol/check-authorization.ts';
import { ADMIN_PREFIX, planeOf } from '../protocol/plane.ts';
import { tooLarge } from '../resources/create-version.ts';
import { MAX_CONTENT_KIBIBYTES } from '../store/quota.ts';
import { accessHook } from './access-hook.ts';
import { adminRoutes } from './admin-routes.ts';
import type { EmulatorState } from './emulator-state.ts';
import { faultHooks } from './fault-hooks.ts';
import { unsupportedRoutes } from './unsupported-routes.ts';

const BODY_LIMIT = (MAX_CONTENT_KIBIBYTES + 1) * 1024;

const GREETING = `A local AWS AppConfig for the AWS SDK and CLI: set their endpoint URL to this address and sign with any credentials.
Clock, faults and seeds: ${ADMIN_PREFIX}
`;

/** Creates one HTTP server for both planes and the admin paths. */
export function createServer(state: EmulatorState): FastifyInstance {
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
  // A hosted configuration is raw bytes, even when its content type is application/json.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-amzn-requestid', request.id);
  });
  server.setErrorHandler(async (error, request, reply) => {
    const awsError = asAwsError(error, Number(request.headers['content-length']));
    // Read the rest of the body: a client that is still sending would see a reset connection, not the 413.
    if (awsError.status === 413) await finished(request.raw.resume()).catch(() => undefined);
    sendError(reply, awsError);
    return reply;
  });
  server.setNotFoundHandler(({ method, url }, reply) => {
    const path = url.split('?', 1)[0];
    sendError(
      reply,
      new AwsError('UnknownOperationException', `${method} ${path} is not an operation of AWS AppConfig`),
    );
  });

  server.get('/', (_request, reply) => {
    reply.type('text/plain').send(GREETING);
  });
  adminRoutes(server, state);
  faultHooks(server, state.faults);
  server.addHook('onRequest', async ({ url, headers }) => {
    if (planeOf(url) !== undefined) checkAuthorization(headers.authorization);
  });
  accessHook(server, state);
  const { store } = state;
  applicationRoutes(server, store);
  environmentRoutes(server, store);
  profileRoutes(server, store);
  versionRoutes(server, store);
  strategyRoutes(server, store);
  deploymentRoutes(server, store);
  settingsRoutes(server, store);
  tagRoutes(server, store);
  unsupportedRoutes(server);
  dataRoutes(server, state);
  return server;
}

/** Responds to bytes that are not HTTP. Without a request there is no request id. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const body = JSON.stringify({ Message: 'the request must be valid HTTP/1.1' });
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
  const awsError = asAwsError(error, 0);
  reply
    .code(awsError.status)
    .header('x-amzn-errortype', awsError.type)
    .type('application/json')
    .send({ Message: awsError.message, ...awsError.members });
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
