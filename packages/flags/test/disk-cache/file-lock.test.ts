import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ConflictError } from '@crossfade/core';
import { expect, it } from 'vitest';
import { takeFileLock } from '../../src/disk-cache/file-lock.ts';
import { temporaryFolder } from '../fixture/temporary-folder.ts';

const SINCE = '2026-05-04T10:00:00.000Z';
const now = () => Date.parse(SINCE);

function lockOf(owner?: object): string {
  const path = join(temporaryFolder(), 'flags.json.lock');
  if (owner !== undefined) writeFileSync(path, JSON.stringify(owner));
  return path;
}

/** The id of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

it('holds a file that names its owner, until it is released', async () => {
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

it('does not judge the processes of other hosts', async () => {
  const path = lockOf({ pid: deadPid(), host: 'elsewhere', since: SINCE });
  await expect(takeFileLock(path, 'planned', now)).rejects.toThrow(/on elsewhere/);
});

it('respects a lock that it can not read', async () => {
  const path = lockOf();
  writeFileSync(path, '');
  await expect(takeFileLock(path, 'planned', now)).rejects.toThrow(/^another process is writing/);
});

it('waits in an emergency for a writer that is about to finish', async () => {
  const path = lockOf({ pid: process.pid, host: hostname(), since: SINCE });
  const taken = takeFileLock(path, 'emergency', now);
  setTimeout(() => unlinkSync(path), 120);
  expect((await taken).broke).toBeUndefined();
});

it('breaks a lock in an emergency that stays in the way', async () => {
  const path = lockOf({ pid: process.pid, host: 'elsewhere', since: SINCE });
  const lock = await takeFileLock(path, 'emergency', now);
  expect(lock.broke).toMatch(/on elsewhere/);
});

it('leaves a lock alone that was broken and taken by another', async () => {
  const path = lockOf();
  const lock = await takeFileLock(path, 'planned', now);
  writeFileSync(path, 'taken by another');
  await lock.release();
  expect(readFileSync(path, 'utf8')).toBe('taken by another');
});
