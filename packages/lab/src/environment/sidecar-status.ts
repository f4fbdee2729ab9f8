import { sidecarStatusSchema } from '@crossfade/core/status';
import { request } from 'undici';
import { z } from 'zod';

const { shape } = sidecarStatusSchema;
const statusSchema = z.object({
  phase: shape.phase,
  issuance: shape.issuance.pick({ percent: true }),
  flags: shape.flags.pick({ problem: true }),
  validUnauthorized: shape.validUnauthorized,
});

/** What the rehearsal needs to know of a sidecar. */
export type SidecarStatus = z.infer<typeof statusSchema>;

/** Reads `/status` of one sidecar; `undefined` while it can't be reached. */
export async function readStatus(adminUrl: string): Promise<SidecarStatus | undefined> {
  try {
    const { body } = await request(`${adminUrl}/status`);
    return statusSchema.parse(await body.json());
  } catch (error) {
    if (error instanceof z.ZodError) throw error;
    return undefined;
  }
}
