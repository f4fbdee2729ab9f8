import { onTestFinished } from 'vitest';
import { holdThreadPool } from './hold-thread-pool.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Hangs every disk: no file operation ends until it is released, or the test has ended. */
export function hangDisk(): { release(): Promise<void> } {
  const release = holdThreadPool(temporaryFolder());
  onTestFinished(release);
  return { release };
}
