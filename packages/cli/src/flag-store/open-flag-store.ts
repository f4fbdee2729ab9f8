import type { Clock, FlagWriter, MigrationPlan } from '@crossfade/core';
import { openFlagWriter } from '@crossfade/flags';
import { finishWrite } from '../verb/writes-in-progress.ts';
import { rememberStore } from './store-memory.ts';

/**
 * Opens the writer of the plan's store. A write that has begun outlives an interrupt. Each successful read is remembered beside the plan, for a rollback by hand.
 * @throws as `openFlagWriter` does.
 */
export async function openFlagStore(plan: Pick<MigrationPlan, 'flags' | 'migration'>, now: Clock): Promise<FlagWriter> {
  const writer = await openFlagWriter(plan.flags, { now });
  return {
    ...writer,
    write: (...written) => finishWrite(() => writer.write(...written)),
    async read() {
      const stored = await writer.read();
      await rememberStore(plan, stored, now());
      return stored;
    },
  };
}
