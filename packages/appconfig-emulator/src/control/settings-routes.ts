import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { readBody } from '../protocol/input.ts';
import type { Store } from '../store/store.ts';

const updateBody = z.object({
  DeletionProtection: z
    .object({
      Enabled: z.boolean().exactOptional(),
      ProtectionPeriodInMinutes: z.int().min(15).max(1440).exactOptional(),
    })
    .optional(),
  VendedMetrics: z.object({ Enabled: z.boolean() }).optional(),
});

export function settingsRoutes(server: FastifyInstance, { settings }: Store): void {
  server.get('/settings', (_request, reply) => {
    reply.send(settings);
  });

  server.patch('/settings', ({ body }, reply) => {
    const { DeletionProtection, VendedMetrics } = readBody(updateBody, body);
    settings.DeletionProtection = { ...settings.DeletionProtection, ...DeletionProtection };
    if (VendedMetrics !== undefined) settings.VendedMetrics = VendedMetrics;
    reply.send(settings);
  });
}
