import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Prints the memory of cached tokens, and that a million distinct ones take no more; in a separate process. */
export async function benchMemory(): Promise<void> {
  const probe = fork(join(import.meta.dirname, 'memory-probe.js'), { execArgv: ['--expose-gc'] });
  const [code] = await once(probe, 'exit');
  if (code !== 0) throw new Error('the memory probe failed');
}
