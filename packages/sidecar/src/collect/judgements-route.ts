import { JUDGEMENT_BATCH_MEDIA_TYPE, JUDGEMENT_BATCH_PATH } from '@crossfade/validator/collector';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import type { Collector } from './collector.ts';

/** Many times what 500 clients in one batch take. */
const MAX_BATCH_BYTES = 4_194_304;
const RETRY_AFTER_SECONDS = 5;

/**
 * Adds `POST /judgements`. Whoever can reach it can make up traffic: keep it on loopback or behind the permissions of a
 * Unix socket. Refuses browsers, which a page from anywhere could make send to loopback.
 */
export function addJudgementsRoute(app: FastifyInstance, collector: Pick<Collector, 'take'>): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      JUDGEMENT_BATCH_MEDIA_TYPE,
      { parseAs: 'string', bodyLimit: MAX_BATCH_BYTES },
      (_request, body, done) => done(null, body),
    );
    scope.addHook('onRequest', async (request, reply) => {
      if (request.headers.origin === undefined) return;
      return problem(reply, 403, 'Forbidden', 'a web page sends no judgements');
    });
    scope.setErrorHandler((error: FastifyError, _request, reply) => {
      if (error.statusCode === 413) return problem(reply, 413, 'Content Too Large', `at most ${MAX_BATCH_BYTES} bytes`);
      if (error.statusCode === 415)
        return problem(reply, 415, 'Unsupported Media Type', `a batch is ${JUDGEMENT_BATCH_MEDIA_TYPE}`);
      return problem(reply, error.statusCode ?? 500, 'Error', 'the batch can not be read');
    });
    scope.post<{ Body: string | undefined }>(JUDGEMENT_BATCH_PATH, (request, reply) => {
      const taking = collector.take(request.body ?? '');
      if (taking.result === 'refused') {
        const { line, field, message } = taking.problem;
        const detail = `line ${line}: ${field === '' ? '' : `${field} `}${message}`;
        return problem(reply, 400, 'Bad Request', detail, { line, field });
      }
      if (taking.result === 'unavailable') {
        reply.header('retry-after', RETRY_AFTER_SECONDS);
        return problem(reply, 503, 'Service Unavailable', 'no judgements are taken now: send them again');
      }
      const { sequence, judgements, result } = taking;
      return reply.send({ sequence, counted: judgements, duplicate: result === 'duplicate' });
    });
  });
}

/** RFC 9457. As bytes: of text, Fastify would state a charset, which JSON does not have. */
function problem(reply: FastifyReply, status: number, title: string, detail: string, more: object = {}): FastifyReply {
  const body = JSON.stringify({ type: 'about:blank', title, status, detail, ...more });
  return reply.code(status).type('application/problem+json').send(Buffer.from(body));
}
