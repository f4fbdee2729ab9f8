import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ConflictError } from '@crossfade/core';
import { expect, it } from 'vitest';
import { takeFileLock } from '../../src/disk-cache/file-lock.ts';
import { runOnFullDisk } from '../fixture/full-disk.ts';
import { temporaryFolder } from '../fixture/temporary-folder.ts';

const SINCE = '2026-05-04T10:00:00.000Z';
const now = () => Date.parse(SINCE);

function lockOf(owner?: object): string {
  const path = join(temporaryFolder(), 'flags.json.lock');
  if (owner !== undefined) writeFileSync(path, JSON.stringify(owner));
  return path;
}

/** Returns the id of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

it('creates a file that names its owner and removes it on release', async () => {
  const path = lockOf();
  const lock = await takeFileLock(path, 'planned', now);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname(), since: SINCE });
  await expect(takeFileLock(path, 'planned', now)).rejects.toThrow(ConflictError);
  await lock.release();
  expect(existsSync(path)).toBe(false);
});

it('breaks the lock of a process that has died on this host', async () => {
  const pid = deadPid();
  const path = lockOf({ pid, host: hostname(), since: SINCE });
  const lock = await takeFileLock(path, 'planned', now);
  expect(lock.broke).toBe(`the lock of process ${pid} on ${hostname()} (since ${SINCE})`);
  await lock.release();
});

it('does not break a lock of another host, where the process id means nothing', async () => {
  const path = lockOf({ pid: deadPid(), host: 'elsewhere', since: SINCE });
  await expect(takeFileLock(path, 'planned', now)).rejects.toThrow(/on elsewhere/);
});

it('respects an unreadable lock', async () => {
  const path = lockOf();
  writeFileSync(path, '');
  await expect(takeFileLock(path, 'planned', now)).rejects.toThrow(/^another process is writing/);
});

it('waits in an emergency for a writer that finishes soon', async () => {
  const path = lockOf({ pid: process.pid, host: hostname(), since: SINCE });
  const taken = takeFileLock(path, 'emergency', now);
  setTimeout(() => unlinkSync(path), 120);
  expect((await taken).broke).toBeUndefined();
});

it('breaks a lock in an emergency after two seconds', async () => {
  const path = lockOf({ pid: process.pid, host: 'elsewhere', since: SINCE });
  const lock = await takeFileLock(path, 'emergency', now);
  expect(lock.broke).toMatch(/on elsewhere/);
});

it('does not release a lock that another process has broken and taken', async () => {
  const path = lockOf();
  const lock = await takeFileLock(path, 'planned', now);
  writeFileSync(path, 'taken by another');
  await lock.release();
  expect(readFileSync(path, 'utf8')).toBe('taken by another');
});

it('leaves no lock behind on a full disk, for which later writers would wait', () => {
  const path = lockOf();
  const outcome = runOnFullDisk(
    `import { takeFileLock } from 'dist/disk-cache/file-lock.js';
     const failed = await takeFileLock(process.argv[1], 'planned', Date.now).catch((error) => error.code);
     process.stdout.write(JSON.stringify(failed));`,
    path,
  );
  expect(outcome).toBe('EFBIG');
  expect(existsSync(path)).toBe(false);
});
