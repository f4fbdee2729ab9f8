import { createHash } from 'node:crypto';
import { canonicalPlan } from '@crossfade/core';

const LENGTH = 12;

/** Names what a plan says of tokens: sidecars with equal hashes judge alike. */
export function planHash(plan: Parameters<typeof canonicalPlan>[0]): string {
  return createHash('sha256').update(canonicalPlan(plan)).digest('hex').slice(0, LENGTH);
}
