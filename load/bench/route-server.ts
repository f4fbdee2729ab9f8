import { createValidator } from '@crossfade/validator';
import { createCollectorSender } from '@crossfade/validator/collector';
import { crossfade } from '@crossfade/validator/fastify';
import fastify, { type FastifyInstance } from 'fastify';
import { AUDIENCES, ISSUER } from './bench-issuer.ts';

/**
 * One route, `open`, `guarded` by the plugin, or guarded and `collected`; started as a process of its own, which tells its
 * parent where it listens.
 */
const [jwks, kind, collectorUrl] = process.argv.slice(2);
const app: FastifyInstance = fastify();
if (kind !== 'open') {
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
app.get('/orders', async () => ({ orders: [] }));
const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ url });
process.on('message', () => process.send?.({ cpuUs: process.cpuUsage() }));
process.on('disconnect', () => process.exit());
