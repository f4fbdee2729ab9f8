import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cpuTimeMs, residentMb } from '../bench/cpu-time.ts';

const BUSY_MS = 50;

describe.skipIf(!existsSync('/proc/self/schedstat'))('the CPU time of a process', () => {
  test('is the time it was busy, independent of the rest of the machine', () => {
    const before = cpuTimeMs(process.pid);
    const own = process.cpuUsage();
    while (process.cpuUsage(own).user < BUSY_MS * 1000) Math.sqrt(2);
    expect(cpuTimeMs(process.pid) - before).toBeGreaterThan(BUSY_MS * 0.8);
  });

  test('includes its children, as its memory does', async () => {
    const [beforeMs, beforeMb] = [cpuTimeMs(process.pid), residentMb(process.pid)];
    const busy = `while (process.cpuUsage().user < ${BUSY_MS * 1000}) Math.sqrt(2); process.send('busy'); process.on('message', () => process.exit())`;
    const child = fork('-', [], { execArgv: ['-e', busy], execPath: process.execPath });
    await once(child, 'message');
    expect(cpuTimeMs(child.pid ?? 0)).toBeGreaterThan(BUSY_MS * 0.8);
    expect(cpuTimeMs(process.pid) - beforeMs).toBeGreaterThan(BUSY_MS * 0.8);
    expect(residentMb(process.pid) - beforeMb).toBeGreaterThan(5);
    child.send('end');
    await once(child, 'exit');
  });
});
