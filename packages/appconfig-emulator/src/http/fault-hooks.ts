import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Fault, FaultBoard } from '../faults/fault-board.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { planeOf } from '../protocol/plane.ts';

const GARBAGE = Buffer.from('\u0000<html>garbage{"', 'latin1');

/** Applies the faults to requests. The admin paths always work. */
export function faultHooks(server: FastifyInstance, faults: FaultBoard): void {
  const applied = new WeakMap<FastifyRequest, Fault>();

  server.addHook('onRequest', async (request, reply) => {
    const plane = planeOf(request.url);
    const fault = plane === undefined ? undefined : faults.nextFault(plane);
    if (fault === undefined) return;
    applied.set(request, fault);
    switch (fault.kind) {
      case 'down':
        reply.hijack();
        request.raw.socket.destroy();
        return;
      case 'hang':
        reply.hijack();
        return;
      case 'slow':
        await delay(fault.delayMs ?? 1000, undefined, { ref: false });
        return;
      case 'throttle':
        throw new AwsError('ThrottlingException', 'Rate exceeded');
      case 'error':
        throw new AwsError('InternalServerException', 'an internal error, on purpose', {}, fault.status ?? 500);
      default:
        return;
    }
  });

  server.addHook('onSend', async (request, reply, payload) => {
    const kind = applied.get(request)?.kind;
    if (kind === 'lost') {
      reply.hijack();
      request.raw.socket.destroy();
      return payload;
    }
    if (kind !== 'garbage' || reply.statusCode >= 300) return payload;
    reply.removeHeader('content-length');
    return GARBAGE;
  });
}
