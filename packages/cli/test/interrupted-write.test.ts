import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { createWorkplaceToClose } from './fixture/workplace-to-close.ts';

const BIN = resolve(import.meta.dirname, '../bin/crossfade.js');
const VERBS = {
  rollback: ['rollback'],
  close: ['close', '--yes', '--legacy', 'default-api'],
} as const;

/**
 * Starts a verb and holds it in the middle of its write: the lock beside the flag file is a pipe, whose other end opens once
 * the verb reads who holds the lock.
 */
async function startWrite(verb: keyof typeof VERBS) {
  const workplace = await createWorkplaceToClose();
  const lock = `${workplace.flagsPath}.lock`;
  execFileSync('mkfifo', [lock]);
  const child = spawn(process.execPath, [BIN, ...VERBS[verb], '--json', '--reason', 'planned'], {
    cwd: workplace.folder,
    env: { PATH: process.env['PATH'], CROSSFADE_OPERATOR: 'alice' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = Promise.all([text(child.stdout), once(child, 'close')]);
  const held = await open(lock, 'w');
  return {
    ...workplace,
    child,
    said: () => said,
    /** Lets the write go on: the lock's owner is dead, and the lock gone. */
    async result() {
      await unlink(lock);
      await held.writeFile(JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), since: new Date().toISOString() }));
      await held.close();
      const [stdout, [exitCode, signal]] = await ended;
      return { json: stdout === '' ? null : JSON.parse(stdout), exitCode, signal };
    },
  };
}

describe('a write that has begun', () => {
  it.each([
    ['rollback', 'SIGINT', 'once'],
    ['rollback', 'SIGINT', 'repeatedly'],
    ['rollback', 'SIGHUP', 'repeatedly'],
    ['close', 'SIGINT', 'once'],
    ['close', 'SIGINT', 'repeatedly'],
    ['close', 'SIGTERM', 'repeatedly'],
  ] as const)(
    'is finished and recorded by %s after %s, sent %s, and exit code 4 says that it is not confirmed',
    async (verb, signal, often) => {
      const { child, said, result, crossfade, flags } = await startWrite(verb);
      child.kill(signal);
      if (often === 'repeatedly') {
        const repeat = () => (child.kill(signal) ? said() : `ended by ${child.signalCode}`);
        await expect
          .poll(repeat, { interval: 10, timeout: 20_000 })
          .toContain('a write has begun, and is finished first');
      }
      expect(await result()).toMatchObject({ exitCode: 4, signal: null, json: { outcome: 'unconfirmed' } });
      const position = verb === 'close' ? { acceptance: 'target' } : { issuance: { percent: 0 } };
      expect(await flags()).toMatchObject({ document: position });
      expect((await crossfade(['history', '--json'])).json()).toMatchObject({
        moves: [{ verb, operator: 'alice', reason: 'planned' }],
      });
    },
  );
});
