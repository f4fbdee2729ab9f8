import { createValidator } from '@crossfade/validator';
import { crossfade } from '@crossfade/validator/fastify';
import fastify, { type FastifyInstance } from 'fastify';
import { AUDIENCES, ISSUER } from './bench-issuer.ts';

/** One route, with the plugin or without; started as a process of its own, which tells its parent where it listens. */
const [jwks, isGuarded] = process.argv.slice(2);
const app: FastifyInstance = fastify();
if (isGuarded === 'guarded') {
  const side = { issuer: ISSUER, keys: JSON.parse(jwks ?? '') };
  const validator = createValidator({
    legacy: { ...side, audience: AUDIENCES[0] },
    target: { ...side, audience: AUDIENCES[1] },
  });
  await app.register(crossfade, { validator });
}
app.get('/orders', async () => ({ orders: [] }));
const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ url });
process.on('message', () => process.send?.({ cpuUs: process.cpuUsage() }));
process.on('disconnect', () => process.exit());
