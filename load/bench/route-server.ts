import { createValidator } from '@crossfade/validator';
import { createCollectorSender } from '@crossfade/validator/collector';
import { crossfade } from '@crossfade/validator/fastify';
import fastify, { type FastifyInstance } from 'fastify';
import { createLocalJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { AUDIENCES, ISSUER } from './bench-issuer.ts';

/**
 * Serves one route, `open`, `guarded` by the plugin, or guarded and collected, or with `jose` behind a cache. Runs in a
 * separate process, and sends its URL to the parent process.
 */
const [jwks, kind, collectorUrl] = process.argv.slice(2);
const app: FastifyInstance = fastify();
if (kind === 'jose') cacheWithJose(app);
if (kind === 'guarded') {
  const side = { issuer: ISSUER, keys: JSON.parse(jwks ?? '') };
  const validator = createValidator({
    clients: [],
    legacy: { ...side, audience: AUDIENCES[0] },
    target: { ...side, audience: AUDIENCES[1] },
  });
  if (collectorUrl === undefined) await app.register(crossfade, { validator });
  else {
    const sender = createCollectorSender({ url: collectorUrl, validator });
    await app.register(crossfade, { validator, onJudgement: (judgement) => sender.record(judgement) });
  }
}

/** A hand-written guard: verifies a token once, then finds it by its text and checks only `exp` again. */
function cacheWithJose(app: FastifyInstance): void {
  const keys = createLocalJWKSet(JSON.parse(jwks ?? ''));
  const cached = new Map<string, JWTPayload>();
  const options = { issuer: ISSUER, audience: [...AUDIENCES], algorithms: ['RS256'] };
  app.addHook('onRequest', async (request) => {
    const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
    let claims = cached.get(token);
    if (claims === undefined) {
      claims = (await jwtVerify(token, keys, options)).payload;
      cached.set(token, claims);
    }
    if (Number(claims.exp) * 1000 < Date.now()) throw new Error('expired');
  });
}

app.get('/orders', async () => ({ orders: [] }));
const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ url });
process.on('message', () => process.send?.({ cpuUs: process.cpuUsage() }));
process.on('disconnect', () => process.exit());
