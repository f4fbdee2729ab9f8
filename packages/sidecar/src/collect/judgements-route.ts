import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { JUDGEMENT_BATCH_MEDIA_TYPE, JUDGEMENT_BATCH_PATH } from '@crossfade/validator/collector';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { createFastifyApp } from '../process/fastify-app.ts';
import type { Collector } from './collector.ts';

/** Many times the size of a batch with 500 clients. */
const MAX_BATCH_BYTES = 4_194_304;
const RETRY_AFTER_SECONDS = 5;

/**
 * Adds `POST /judgements`. A client that can reach it can make up traffic: keep it on loopback or behind the permissions
 * of a Unix socket. Rejects requests of browsers, because any web page could make them post to loopback.
 */
export function addJudgementsRoute(app: FastifyInstance, collector: Pick<Collector, 'receive'>): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      JUDGEMENT_BATCH_MEDIA_TYPE,
      { parseAs: 'string', bodyLimit: MAX_BATCH_BYTES },
      (_request, body, done) => done(null, body),
    );
    scope.addHook('onRequest', async (request, reply) => {
      if (request.headers.origin === undefined) return;
      return sendProblem(reply, 403, 'Forbidden', 'a web page must not send judgements');
    });
    scope.setErrorHandler((error: FastifyError, _request, reply) => {
      if (error.statusCode === 413)
        return sendProblem(reply, 413, 'Content Too Large', `the batch must have at most ${MAX_BATCH_BYTES} bytes`);
      if (error.statusCode === 415)
        return sendProblem(reply, 415, 'Unsupported Media Type', `a batch must be ${JUDGEMENT_BATCH_MEDIA_TYPE}`);
      return sendProblem(reply, error.statusCode ?? 500, 'Error', 'the batch cannot be read');
    });
    scope.post<{ Body: string | undefined }>(JUDGEMENT_BATCH_PATH, (request, reply) => {
      const received = collector.receive(request.body ?? '');
      if (received.result === 'refused') {
        const { line, field, message } = received.problem;
        const detail = `line ${line}: ${field === '' ? '' : `${field} `}${message}`;
        return sendProblem(reply, 400, 'Bad Request', detail, { line, field });
      }
      if (received.result === 'unavailable') {
        reply.header('retry-after', RETRY_AFTER_SECONDS);
        return sendProblem(reply, 503, 'Service Unavailable', 'judgements cannot be counted now: send them again');
      }
      const { sequence, judgements, result } = received;
      return reply.send({ sequence, counted: judgements, duplicate: result === 'duplicate' });
    });
  });
}

/** Sends RFC 9457 problem details. As bytes: to text Fastify would add a charset, which JSON does not have. */
function sendProblem(
  reply: FastifyReply,
  status: number,
  title: string,
  detail: string,
  more: object = {},
): FastifyReply {
  const body = JSON.stringify({ type: 'about:blank', title, status, detail, ...more });
  return reply.code(status).type('application/problem+json').send(Buffer.from(body));
}

/** A server that receives judgements and nothing else, for a Unix socket. */
export interface JudgementsServer {
  /** Not listening yet. */
  readonly server: Server;
  close(): Promise<void>;
}

/** The permissions of the socket and its folder, which the process's umask sets, decide which processes may send. */
export async function createJudgementsServer(collector: Pick<Collector, 'receive'>): Promise<JudgementsServer> {
  const app = createFastifyApp('wait');
  addJudgementsRoute(app, collector);
  await app.ready();
  const server = createServer((request, response) => app.routing(request, response));
  return {
    server,
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
