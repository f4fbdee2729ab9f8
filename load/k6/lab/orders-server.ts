import { readFile } from 'node:fs/promises';
import { acceptanceSwitch } from '@crossfade/core';
import { parsePlanText } from '@crossfade/core/plan-file';
import { openFlagSource } from '@crossfade/flags';
import { createValidator, validatorOptions } from '@crossfade/validator';
import { crossfade } from '@crossfade/validator/fastify';
import { fastify } from 'fastify';

/** One instance of the orders API in a process of its own, so that its memory and its time are its own. */
const [planPath = '', release, port] = process.argv.slice(2);

const plan = parsePlanText(await readFile(planPath, 'utf8'));
const { legacy, target, ...others } = validatorOptions(plan);
const flags = await openFlagSource(plan.flags);
const validator = createValidator({
  clients: [],
  ...others,
  legacy,
  // The release before the migration knows legacy tokens only.
  ...(release === 'both' && target !== undefined && { target, acceptance: acceptanceSwitch(flags) }),
});
const app = fastify({ keepAliveTimeout: 60_000 });
await app.register(crossfade, { validator });
const orders = { orders: [{ id: 'o-1001', item: 'record player', state: 'shipped' }] };
app.get('/orders', () => orders);
app.post('/orders', () => orders);
await app.listen({ host: '127.0.0.1', port: Number(port) });

process.send?.('listening');
process.on('disconnect', () => process.exit());
