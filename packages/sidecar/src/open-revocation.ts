import type { Clock, MigrationPlan } from '@crossfade/core';
import { type OpenRedisDenylist, openRedisDenylist } from '@crossfade/validator/redis';
import { createClient } from '@redis/client';

/**
 * Opens the denylist that a plan names, in the background; `undefined` if it names none.
 * @throws {@link ConfigError} when the URL cannot be used.
 */
export function openRevocation(
  { revocation }: Pick<MigrationPlan, 'revocation'>,
  now: Clock,
): OpenRedisDenylist | undefined {
  if (revocation === undefined) return undefined;
  return openRedisDenylist(createClient, { url: revocation.redis, by: revocation.by, now });
}
