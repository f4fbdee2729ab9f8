import { type RevocationPlan, UnavailableError } from '@crossfade/core';
import { openRedisDenylist } from '@crossfade/validator/redis';
import { type Finding, fail, pass } from './finding.ts';

/** Checks that the denylist of the plan can be asked, as a sidecar asks it. Prints no credentials of its URL. */
export async function examineDenylist({ redis, by }: RevocationPlan): Promise<Finding> {
  const { host } = new URL(redis);
  const { createClient } = await import('@redis/client');
  const denylist = openRedisDenylist(createClient, { url: redis, by });
  try {
    await denylist.connected();
    return pass('revocation', `the denylist at ${host} can be asked, by ${by}`);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    const action = 'check revocation.redis in the plan, Redis and the network: sidecars that enforce respond 503';
    return fail('revocation', `${host}: ${error.message}`, action);
  } finally {
    denylist.close();
  }
}
