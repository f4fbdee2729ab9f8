import { PHASES } from '@crossfade/core';
import { request } from 'undici';
import { z } from 'zod';

const statusSchema = z.object({
  phase: z.enum(PHASES),
  issuance: z.object({ percent: z.number() }),
  flags: z.object({ problem: z.string().optional() }),
  validUnauthorized: z.number(),
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
