import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { raiseAlarm } from '../deployment/raise-alarm.ts';
import { FAULT_KINDS } from '../faults/fault-board.ts';
import { readBody } from '../protocol/input.ts';
import { ADMIN_PREFIX } from '../protocol/plane.ts';
import { seed } from '../resources/seed.ts';
import { FEATURE_FLAGS, FREEFORM } from '../store/store.ts';
import type { EmulatorState } from './emulator-state.ts';

const faultBody = z.strictObject({
  kind: z.enum(FAULT_KINDS),
  plane: z.enum(['data', 'control']).exactOptional(),
  times: z.int().min(1).exactOptional(),
  delayMs: z.number().min(0).max(3_600_000).exactOptional(),
  status: z.int().min(500).max(599).exactOptional(),
});
const clockBody = z.strictObject({ advanceSeconds: z.number().min(0).optional(), frozen: z.boolean().optional() });
const alarmBody = z.strictObject({ alarmArn: z.string().min(1) });
const seedBody = z.strictObject({
  application: z.string().min(1).max(64),
  environment: z.string().min(1).max(64),
  profile: z.string().min(1).max(128),
  type: z.enum([FEATURE_FLAGS, FREEFORM]).exactOptional(),
  content: z.string().min(1),
  contentType: z.string().min(1).max(255).exactOptional(),
});

/** The emulator's own switches, which AWS does not have. Faults do not apply to them. */
export function adminRoutes(server: FastifyInstance, state: EmulatorState): void {
  const { clock, faults, sessions, store } = state;
  const status = () => ({ now: new Date(clock.now()).toISOString(), faults: faults.active() });

  server.get(ADMIN_PREFIX, (_request, reply) => {
    reply.send(status());
  });

  server.post(`${ADMIN_PREFIX}/faults`, ({ body }, reply) => {
    faults.set(readBody(faultBody, body));
    reply.send(status());
  });

  server.delete(`${ADMIN_PREFIX}/faults`, (_request, reply) => {
    faults.clear();
    reply.send(status());
  });

  server.post(`${ADMIN_PREFIX}/clock`, ({ body }, reply) => {
    const { advanceSeconds = 0, frozen } = readBody(clockBody, body);
    if (frozen === true) clock.freeze();
    if (frozen === false) clock.resume();
    clock.advance(advanceSeconds * 1000);
    reply.send(status());
  });

  server.post(`${ADMIN_PREFIX}/alarms`, ({ body }, reply) => {
    reply.send({ rolledBack: raiseAlarm(store, readBody(alarmBody, body).alarmArn) });
  });

  server.post(`${ADMIN_PREFIX}/seed`, ({ body }, reply) => {
    reply.code(201).send(seed(store, readBody(seedBody, body)));
  });

  server.delete(`${ADMIN_PREFIX}/sessions`, (_request, reply) => {
    sessions.drop();
    reply.code(204).send();
  });
}
