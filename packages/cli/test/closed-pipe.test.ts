import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { startSidecar } from './fixture/sidecar.ts';
import { createWorkplace, PLAN } from './fixture/workplace.ts';
import { createWorkplaceToClose } from './fixture/workplace-to-close.ts';

const BIN = resolve(import.meta.dirname, '../bin/crossfade.js');

/** Runs a line of a shell in which `crossfade` is the program; prints its exit code on the third descriptor. */
async function shell(line: string, cwd: string): Promise<number> {
  const script = `crossfade() { "${process.execPath}" "${BIN}" "$@"; echo $? >&3; }\n${line}`;
  const child = spawn('bash', ['-c', script], { cwd, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const codes = child.stdio[3];
  if (codes === null || codes === undefined || !('read' in codes)) throw new Error('a pipe expected');
  child.stdout?.resume();
  child.stderr?.resume();
  const [code] = await Promise.all([text(codes), once(child, 'close')]);
  return Number(code);
}

async function createMigratingWorkplace() {
  const workplace = await createWorkplace();
  await workplace.writeFlags({ 'issue-target': { enabled: true, percent: 50, revision: '3' } });
  const sidecar = await startSidecar(workplace.flagsPath);
  await workplace.writePlan({ ...PLAN, gate: { sidecars: [sidecar.url], soak: '0s' } });
  return workplace;
}

const OUTPUTS = [
  '| head -1',
  '| true',
  '2>&1 | head -1',
  '>&-',
  '2>&-',
  '>&- 2>&-',
  '</dev/null >/dev/full',
  '>/dev/full 2>&1',
] as const;

describe('a verb whose output nothing reads', () => {
  it.each(OUTPUTS)('rollback %s writes, waits, and exits with its own code', async (output) => {
    const { folder, flags } = await createMigratingWorkplace();
    expect(await shell(`crossfade rollback ${output}`, folder)).toBe(0);
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 0 } } });
  });

  it.each(['| head -1', '>&- 2>&-', '>/dev/full 2>&1'])(
    'close %s writes, records why, and exits with its own code',
    async (output) => {
      const { folder, flags, crossfade } = await createWorkplaceToClose();
      expect(await shell(`crossfade close --yes --legacy default-api ${output}`, folder)).toBe(0);
      expect(await flags()).toMatchObject({ document: { acceptance: 'target' } });
      expect((await crossfade(['history', '--json'])).json()).toMatchObject({
        moves: [{ verb: 'close', evidence: expect.stringMatching(/^gate pass: /) }],
      });
    },
  );

  it.each(OUTPUTS)('advance %s writes', async (output) => {
    const { folder, flags } = await createMigratingWorkplace();
    expect(await shell(`crossfade advance --to 60 --yes ${output}`, folder)).toBe(0);
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 60 } } });
  });

  it.each(['status', 'gate', 'history', 'doctor', 'runbook', '--help'])(
    '%s | head -1 keeps its exit code',
    async (verb) => {
      const { folder } = await createMigratingWorkplace();
      const whole = await shell(`crossfade ${verb}`, folder);
      expect(await shell(`crossfade ${verb} | head -1`, folder)).toBe(whole);
    },
  );
});
