import type { Clock } from '@crossfade/core';
import type { z } from 'zod';
import type { dpopSchema } from './dpop-schema.ts';
import { createMemoryReplayStore } from './memory-replay-store.ts';
import type { ReplayStore } from './replay-store.ts';

/** How DPoP proofs are checked, with the defaults filled in. */
export interface DpopSettings {
  readonly algorithms: ReadonlySet<string>;
  readonly proofMaxAgeSeconds: number;
  readonly nonce: { readonly secret: string; readonly rotationSeconds: number } | undefined;
  readonly replay: ReplayStore;
}

export function dpopSettings(checked: z.output<typeof dpopSchema>, now: Clock): DpopSettings {
  const { algorithms, proofMaxAgeSeconds, nonce, replay } = checked;
  return {
    algorithms: new Set(algorithms),
    proofMaxAgeSeconds,
    nonce,
    replay: replay ?? createMemoryReplayStore({ now }),
  };
}
