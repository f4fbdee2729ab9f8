import type { Clock, FlagWriter, MigrationPlan } from '@crossfade/core';
import { openFlagWriter } from '@crossfade/flags';
import { withRunbook } from '../verb/runbook-of-error.ts';
import { finishWrite } from '../verb/writes-in-progress.ts';
import { rememberStore } from './store-memory.ts';

const PAGE = 'flag-store-down';

/**
 * Opens the writer of the plan's store. A write that has begun outlives an interrupt. Each successful read is remembered beside
 * the plan, for a rollback by hand. What fails names the procedure to read on.
 * @throws as `openFlagWriter` does.
 */
export async function openFlagStore(plan: Pick<MigrationPlan, 'flags' | 'migration'>, now: Clock): Promise<FlagWriter> {
  const writer = await withRunbook(PAGE, () => openFlagWriter(plan.flags, { now }));
  return {
    read: () =>
      withRunbook(PAGE, async () => {
        const stored = await writer.read();
        await rememberStore(plan, stored, now());
        return stored;
      }),
    running: () => withRunbook(PAGE, () => writer.running()),
    history: (limit) => withRunbook(PAGE, () => writer.history(limit)),
    write: (...written) => withRunbook(PAGE, () => finishWrite(() => writer.write(...written))),
  };
}
