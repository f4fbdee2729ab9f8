import { readdirSync, readFileSync } from 'node:fs';

/**
 * Returns the CPU milliseconds of a process and its children, as the kernel counts them for each thread. Linux only; threads
 * that have ended are not included.
 */
export function cpuTimeMs(pid: number): number {
  let totalMs = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${task}`;
    totalMs += Number(readFileSync(`${folder}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
    for (const child of childrenOf(folder)) totalMs += cpuTimeMs(child);
  }
  return totalMs;
}

/** Returns the resident megabytes of a process and its children; shared memory counts for each. */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const own = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) => childrenOf(`/proc/${pid}/task/${task}`));
  return children.reduce((sum, child) => sum + residentMb(child), own);
}

function childrenOf(taskFolder: string): number[] {
  const children = readFileSync(`${taskFolder}/children`, 'utf8').trim();
  return children === '' ? [] : children.split(' ').map(Number);
}
