import { readdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { run } from '@crossfade/cli';
import { type MigrationPlan, parsePlan } from '@crossfade/core';
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

async function probeAll(): Promise<void> {
  for (const { dataUrl } of lab.sidecars) {
    await expect.poll(() => lab.probe.request(dataUrl, 'target'), { timeout: 30_000 }).toBe(200);
  }
}

/** Runs all commands of a runbook in order; each must exit with one of `codes`. */
async function follow(runbook: string, codes: readonly number[] = [0]): Promise<void> {
  const commands = commandsOf(runbook);
  ran.add(runbook);
  expect(commands.length).toBeGreaterThan(0);
  for (const argv of commands) {
    // Every instance must have shown since the last move that it takes target tokens.
    if (argv[0] === 'advance') await probeAll();
    const { exitCode, output } = await runCommand(...argv);
    expect(codes, `crossfade ${argv.join(' ')}\n${output}`).toContain(exitCode);
  }
}

const pages = readdirSync(runbooks).filter((file) => file.endsWith('.md') && file !== 'README.md');
const alerts = readdirSync(resolve(runbooks, 'alerts')).map((file) => `alerts/${file}`);
const ran = new Set<string>();

describe('the commands of the runbook', () => {
  it('prepare.md show what arrives', () => follow('prepare.md'));

  it('expand.md succeed after the release, in phase expand', async () => {
    await lab.orders.deploy('both', lab.balancer);
    await probeAll();
    await follow('expand.md');
    // On a busy machine the commands outlast the silence of the rehearsal.
    await probeAll();
    expect((await runCommand('status')).output).toContain('expand');
  });

  it.each(['disagreements.md', 'sidecar-down.md', 'key-rotation.md'])('%s look at a healthy fleet', (page) =>
    follow(page),
  );

  it('migrate.md move expand to drain', async () => {
    await follow('migrate.md');
    expect((await runCommand('status')).output).toContain('drain');
  });

  it.each(['rollback.md', 'rejections-rising.md', 'flag-store-down.md', 'alerts/CrossfadeMintedLegacy.md'])(
    '%s move back to expand',
    async (page) => {
      await follow(page);
      await probeAll();
      expect((await runCommand('status')).output).toMatch(/expand|migrate/);
    },
  );

  it('drain.md and stragglers.md show the state of the drain', async () => {
    await probeAll();
    expect((await runCommand('advance', '--to', '100', '--yes')).exitCode).toBe(0);
    await follow('drain.md', [0, 1, 4]);
    await follow('stragglers.md');
  });

  it('close.md close the legacy audience and reopen it, finish.md look back', async () => {
    await expect.poll(async () => (await runCommand('gate')).exitCode, { timeout: 90_000, interval: 500 }).toBe(0);
    await follow('close.md');
    await follow('reopen.md');
    await follow('finish.md');
  });

  it('of every other page are none, so that each one that is written here was run', () => {
    expect([...pages, ...alerts].filter((page) => commandsOf(page).length > 0 && !ran.has(page))).toEqual([]);
  });
});

describe('a procedure', () => {
  it.each(pages)('%s says before, do, expect, undo and point of no return, in this order', (page) => {
    const headings = [...readFileSync(resolve(runbooks, page), 'utf8').matchAll(/^## (.+)$/gm)].map(([, text]) => text);
    expect(headings.slice(0, 5)).toEqual(['Before', 'Do', 'Expect', 'Undo', 'Point of no return']);
    for (const heading of headings.slice(5)) expect(heading).toMatch(/^Reference: /);
  });

  it.each([...pages, ...alerts])('%s names only verbs and options that the CLI has', async (page) => {
    const text = readFileSync(resolve(runbooks, page), 'utf8');
    for (const [, command = ''] of text.matchAll(/`(crossfade [a-z][^`\n]*)`/g)) {
      const [, verb = '', ...words] = command.split(' ');
      const { exitCode, output } = await runCommand(verb, '--help');
      expect(exitCode, command).toBe(0);
      for (const option of words.filter((word) => word.startsWith('--'))) expect(output, command).toContain(option);
    }
  });
});

describe('the numbers of the runbooks', () => {
  const text = pages.map((page) => readFileSync(resolve(runbooks, page), 'utf8')).join('\n');
  const plan = parsePlan({
    version: 1,
    migration: 'orders',
    legacy: { issuer: 'https://idp.example.com', audience: 'old' },
    target: { issuer: 'https://idp.example.com', audience: 'new' },
    clients: [],
    flags: { source: 'appconfig', application: 'a', environment: 'e', profile: 'p' },
  });

  it.each([
    ['gate.silence', /`gate\.silence` \((\d+ h)\)/g, `${plan.gate.silenceMs / 3_600_000} h`],
    ['gate.coverage', /`gate\.coverage` \((\d+) ?%\)/g, String(plan.gate.coverage * 100)],
    ['the poll interval', /poll interval \((\d+) s with AppConfig\)/g, String(pollSeconds(plan))],
    ['the steps', /the plan's `steps` \(([\d, ]+) %\)/g, plan.steps.join(', ')],
    ['the tolerance', /clockTolerance`?, up to (\w+)/g, '5m'],
  ])('are the default of %s', (_, pattern, value) => {
    const found = [...text.matchAll(pattern)].map(([, number]) => number);
    expect(found.length).toBeGreaterThan(0);
    for (const number of found) expect(number).toBe(value);
  });
});

function pollSeconds({ flags }: MigrationPlan): number {
  return flags.source === 'file' ? 0 : flags.pollIntervalMs / 1000;
}
