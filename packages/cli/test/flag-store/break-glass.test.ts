import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type MigrationPlan, parseFlagDocument, parsePlan } from '@crossfade/core';
import { openFlagWriter } from '@crossfade/flags';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { breakGlass } from '../../src/flag-store/break-glass.ts';
import { startAppConfig } from '../fixture/app-config.ts';
import { createWorkplace, PLAN, type Workplace } from '../fixture/workplace.ts';

const AWS_CLI = fileURLToPath(new URL('../fixture/aws-cli.mjs', import.meta.url));
const runFile = promisify(execFile);

async function createAppConfigWorkplace() {
  const { flags: flagSection, ...appConfig } = await startAppConfig();
  const workplace = await createWorkplace({ ...PLAN, flags: flagSection });
  return { ...workplace, ...appConfig, flagSection };
}

async function stepsOf({ crossfade }: Workplace, env: Record<string, string> = {}): Promise<readonly string[]> {
  const result = await crossfade(['rollback', '--json'], { env });
  expect(result.exitCode).toBe(3);
  return result.json()['breakGlass'] as readonly string[];
}

/** Pastes the steps into a shell, with an `aws` that speaks to the emulator. Returns the calls. */
async function paste(steps: readonly string[], folder: string): Promise<string> {
  const bin = join(folder, 'bin');
  const calls = join(folder, 'calls.txt');
  await mkdir(bin);
  await writeFile(join(bin, 'aws'), `#!/bin/sh\nexec "${process.execPath}" "${AWS_CLI}" "$@"\n`);
  await chmod(join(bin, 'aws'), 0o755);
  const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's', AWS_CALLS: calls };
  const script = inFolder(steps, folder);
  await runFile('sh', ['-eu', '-c', script], { env: { PATH: `${bin}:${process.env['PATH']}`, ...keys } });
  return readFile(calls, 'utf8');
}

/** Tests that run beside each other must not share the files in /tmp. */
function inFolder(steps: readonly string[], folder: string): string {
  return steps.join('\n').replace(/\/tmp\/(crossfade-(?:flags|all-legacy)\.json)/g, `${folder}/$1`);
}

async function served(flags: object) {
  const writer = await openFlagWriter(parsePlan({ ...PLAN, flags }).flags);
  return parseFlagDocument((await writer.read()).text);
}

const ALL_LEGACY = { ok: true, document: { acceptance: 'both', issuance: { percent: 0 } } };

describe('break-glass with AppConfig', () => {
  it('prints commands that a shell runs as they are, to an all-legacy document, after a reading', async () => {
    const { emulator, flagSection, ...workplace } = await createAppConfigWorkplace();
    const { crossfade, folder } = workplace;
    await crossfade(['rollback']);
    const writer = await openFlagWriter(parsePlan({ ...PLAN, flags: flagSection }).flags);
    await writer.write({ issuance: { percent: 60 } }, await writer.read(), 'planned');
    await workplace.deployElsewhere();
    expect((await crossfade(['status'])).exitCode).toBe(0);
    emulator.faults.set({ kind: 'error', plane: 'control' });
    const steps = await stepsOf(workplace);
    emulator.faults.clear();
    expect(steps.join('\n')).not.toMatch(/<[a-z ]+>|\$[A-Z]/);
    expect(steps.join('\n')).not.toContain('--deployment-strategy-id AppConfig.AllAtOnce');
    expect(await paste(steps, folder)).toContain('appconfig stop-deployment\nappconfig start-deployment\n');
    await expect.poll(() => served(flagSection)).toMatchObject(ALL_LEGACY);
  });

  it('prints commands that look up what was never read, and store an all-legacy version', async () => {
    const { emulator, flagSection, ...workplace } = await createAppConfigWorkplace();
    const { folder } = workplace;
    emulator.faults.set({ kind: 'error', plane: 'control' });
    const steps = await stepsOf(workplace);
    emulator.faults.clear();
    for (const comment of steps.filter((step) => step.startsWith('#'))) expect(comment).not.toMatch(/['`]/);
    const calls = await paste(steps, folder);
    for (const command of ['list-applications', 'create-deployment-strategy', 'create-hosted-configuration-version'])
      expect(calls).toContain(`appconfig ${command}\n`);
    await expect.poll(() => served(flagSection)).toMatchObject(ALL_LEGACY);
  });

  it.each([
    ['an AppConfig Agent', { source: 'agent', url: 'http://127.0.0.1:1' }, 'an AppConfig Agent only reads'],
    ['a missing profile', { profile: 'another' }, 'AppConfig has no profile "another"'],
    ['a store that is down', { endpoint: 'http://127.0.0.1:1' }, 'AppConfig did not list its applications'],
    ['a missing region', { endpoint: undefined, region: undefined }, 'flags.region: is required'],
  ])('is shown for %s', async (_, change, why) => {
    vi.stubEnv('AWS_REGION', undefined);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { flagSection, crossfade, writePlan } = await createAppConfigWorkplace();
    const { endpoint: _endpoint, region: _region, ...location } = flagSection as Record<string, unknown>;
    await writePlan({ ...PLAN, flags: { ...('source' in change ? location : flagSection), ...change } });
    const result = await crossfade(['rollback']);
    expect(result.exitCode).toBe(3);
    expect(result.stderr).toContain(why);
    expect(result.stderr).toContain('aws appconfig start-deployment');
  });

  it.each([
    ['ExpiredTokenException', 'the AWS credentials are missing or expired: log in (aws sso login'],
    ['AccessDeniedException', 'AppConfig did not list its applications (AccessDeniedException, 403): not for you'],
  ])('is shown for %s, with what to do', async (name, why) => {
    const aws = createServer((_request, response) => {
      response.writeHead(403, { 'content-type': 'application/json', 'x-amzn-errortype': name });
      response.end('{"message":"not for you"}');
    });
    await once(aws.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void aws.close());
    const { flagSection, crossfade, writePlan } = await createAppConfigWorkplace();
    const endpoint = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
    await writePlan({ ...PLAN, flags: { ...flagSection, endpoint } });
    const result = await crossfade(['rollback']);
    expect(result.exitCode).toBe(3);
    expect(result.stderr).toContain(why);
    expect(result.stderr).toContain('aws appconfig start-deployment');
  });

  it('keeps what was read in a file that only its owner reads, and lives without one', async () => {
    const { crossfade, folder } = await createAppConfigWorkplace();
    await writeFile(join(folder, '.crossfade'), 'not a folder');
    expect((await crossfade(['status'])).exitCode).toBe(0);
    const other = await createAppConfigWorkplace();
    expect((await other.crossfade(['status'])).exitCode).toBe(0);
    const { mode } = await stat(join(other.folder, '.crossfade', 'orders-2026.json'));
    expect(mode & 0o777).toBe(0o600);
  });
});

it('replaces a flag file, and gives the login service one of its own', async () => {
  const { folder, flagsPath, flags } = await createWorkplace();
  const plan: Pick<MigrationPlan, 'flags' | 'migration'> = {
    migration: 'orders-2026',
    flags: { source: 'file', path: flagsPath },
  };
  await writeFile(flagsPath, '{ broken');
  await runFile('sh', ['-eu', '-c', inFolder(await breakGlass(plan), folder)]);
  expect(await flags()).toMatchObject(ALL_LEGACY);
  const own = parseFlagDocument(await readFile(join(dirname(flagsPath), 'crossfade-flags.json'), 'utf8'));
  expect(own).toMatchObject(ALL_LEGACY);
});
