import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { run } from '@crossfade/cli';
import { type Lab, startLab } from '@crossfade/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Runs every `crossfade` command of the runbooks against a lab in the phase of that runbook. */

const runbooks = resolve(import.meta.dirname, '../../runbooks');
let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ seed: 11, clients: 8, fast: true });
}, 60_000);
afterAll(() => lab?.close(), 60_000);

async function runCommand(...argv: readonly string[]): Promise<{ exitCode: number; output: string }> {
  let output = '';
  const write = (text: string): void => {
    output += text;
  };
  const exitCode = await run([...argv, '--config', lab.planPath], {
    stdout: { write },
    stderr: { write },
    env: {},
    cwd: dirname(lab.planPath),
  });
  return { exitCode, output };
}

function commandsOf(runbook: string): string[][] {
  const text = readFileSync(resolve(runbooks, runbook), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block ?? '');
  const lines = blocks
    .join('')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => {
    const [program, ...argv] = line.split(' ');
    if (program !== 'crossfade') throw new Error(`${runbook} must use crossfade only, but has ${program}`);
    return argv;
  });
}

/** Runs all commands of a runbook in order; each must exit with one of `codes`. */
async function follow(runbook: string, codes: readonly number[] = [0]): Promise<void> {
  const commands = commandsOf(runbook);
  expect(commands.length).toBeGreaterThan(0);
  for (const argv of commands) {
    const { exitCode, output } = await runCommand(...argv);
    expect(codes, `crossfade ${argv.join(' ')}\n${output}`).toContain(exitCode);
  }
}

describe('the commands of the runbook', () => {
  it('prepare.md show what arrives', () => follow('prepare.md'));

  it('expand.md succeed after the release, in phase expand', async () => {
    await lab.orders.deploy('both', lab.balancer);
    for (const { dataUrl } of lab.sidecars) {
      await expect.poll(() => lab.probe.request(dataUrl, 'target'), { timeout: 30_000 }).toBe(200);
    }
    await follow('expand.md');
    expect((await runCommand('status')).output).toContain('expand');
  });

  it('migrate.md move expand to drain', async () => {
    await follow('migrate.md');
    expect((await runCommand('status')).output).toContain('drain');
  });

  it('rollback.md move back to expand', async () => {
    await follow('rollback.md');
    expect((await runCommand('status')).output).toContain('expand');
  });

  it('drain.md show the state of the drain', async () => {
    expect((await runCommand('advance', '--to', '100', '--yes')).exitCode).toBe(0);
    await follow('drain.md', [0, 1, 4]);
  });

  it('close.md close the legacy audience', async () => {
    await expect.poll(async () => (await runCommand('gate')).exitCode, { timeout: 90_000, interval: 500 }).toBe(0);
    await follow('close.md');
  });
});
