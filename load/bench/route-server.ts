import { createValidator } from '@crossfade/validator';
import { createCollectorSender } from '@crossfade/validator/collector';
import { crossfade } from '@crossfade/validator/fastify';
import fastify, { type FastifyInstance } from 'fastify';
import { createLocalJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { AUDIENCES, ISSUER } from './bench-issuer.ts';

/**
 * One route, `open`, `guarded` by the plugin, or guarded and collected, or with `jose` behind a cache; started as a process
 * of its own, which tells its parent where it listens.
 */
const [jwks, kind, collectorUrl] = process.argv.slice(2);
const app: FastifyInstance = fastify();
if (kind === 'jose') rememberWithJose(app);
if (kind === 'guarded') {
  const side = { issuer: ISSUER, keys: JSON.parse(jwks ?? '') };
  const validator = createValidator({
    legacy: { ...side, audience: AUDIENCES[0] },
    target: { ...side, audience: AUDIENCES[1] },
  });
  if (collectorUrl === undefined) await app.register(crossfade, { validator });
  else {
    const sender = createCollectorSender({ url: collectorUrl, validator });
    await app.register(crossfade, { validator, onJudgement: (judgement) => sender.record(judgement) });
  }
}

/** What one writes by hand: a token is verified once, then known by its text; of the claims, only `exp` is looked at again. */
function rememberWithJose(app: FastifyInstance): void {
  const keys = createLocalJWKSet(JSON.parse(jwks ?? ''));
  const known = new Map<string, JWTPayload>();
  const options = { issuer: ISSUER, audience: [...AUDIENCES], algorithms: ['RS256'] };
  app.addHook('onRequest', async (request) => {
    const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
    let claims = known.get(token);
    if (claims === undefined) {
      claims = (await jwtVerify(token, keys, options)).payload;
      known.set(token, claims);
    }
    if (Number(claims.exp) * 1000 < Date.now()) throw new Error('expired');
  });
}

app.get('/orders', async () => ({ orders: [] }));
const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ url });
process.on('message', () => process.send?.({ cpuUs: process.cpuUsage() }));
process.on('disconnect', () => process.exit());
