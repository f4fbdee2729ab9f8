import type { Clock, MigrationPlan } from '@crossfade/core';
import type { OpenRedisDenylist } from '@crossfade/validator/redis';

/**
 * Opens the denylist that a plan names, in the background; `undefined` if it names none.
 * @throws {@link ConfigError} when the URL cannot be used.
 */
export async function openRevocation(
  { revocation }: Pick<MigrationPlan, 'revocation'>,
  now: Clock,
): Promise<OpenRedisDenylist | undefined> {
  if (revocation === undefined) return undefined;
  // 400 files, which most sidecars never need.
  const [{ openRedisDenylist }, { createClient }] = await Promise.all([
    import('@crossfade/validator/redis'),
    import('@redis/client'),
  ]);
  return openRedisDenylist(createClient, { url: revocation.redis, by: revocation.by, now });
}
