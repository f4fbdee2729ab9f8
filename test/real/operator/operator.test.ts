import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  AppConfigClient,
  CreateDeploymentStrategyCommand,
  CreateHostedConfigurationVersionCommand,
  ListApplicationsCommand,
  ListConfigurationProfilesCommand,
  ListEnvironmentsCommand,
  StartDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { missing } from '../fixture/real-part.ts';
import { type OperatedFleet, startOperatedFleet, type Typed } from './fixture/operated-fleet.ts';

/** A whole migration, typed by an operator, with AppConfig and Prometheus. CROSSFADE_RECORDING names a file for the text. */
const RECORDING = process.env['CROSSFADE_RECORDING'];
const POLLING = { timeout: 60_000, interval: 500 };

/** The long run asks sidecars, too, and waits for instances that are dead: CROSSFADE_LONG=1. */
const IS_LONG = process.env['CROSSFADE_LONG'] === '1';
const SOURCES = IS_LONG ? (['prometheus', 'sidecars'] as const) : (['prometheus'] as const);

describe.skipIf(missing('prometheus')).each(SOURCES)('a migration by CLI with %s', (gate) => {
  let fleet: OperatedFleet;
  let recording = '';

  beforeAll(async () => {
    fleet = await startOperatedFleet({ instances: 4, gate });
  }, 120_000);
  afterAll(async () => {
    await fleet?.remove();
    if (RECORDING === undefined) return;
    const path = resolve(`${RECORDING}.${gate}.txt`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, recording);
  });

  function note(text: string): void {
    recording += `# ${text}\n`;
  }

  async function crossfade(command: string): Promise<Typed> {
    const typed = await fleet.crossfade(...command.split(' '));
    const took = `${(typed.tookMs / 1000).toFixed(1)} s`;
    recording += `$ crossfade ${command}\n${typed.stdout}${typed.stderr}[exit code ${typed.code} after ${took}]\n\n`;
    return typed;
  }

  async function probeAll(): Promise<void> {
    for (const { request } of fleet.instances) expect(await request('target')).toBe(200);
  }

  it('starts in expand once every API was seen to accept a target token', async () => {
    note('Four APIs behind observing sidecars; flags in AppConfig. Each API gets one real target token.');
    await vi.waitFor(async () => {
      await probeAll();
      const { stdout } = await fleet.crossfade('status');
      expect(stdout).toContain('orders-2026: expand');
    }, POLLING);
    expect((await crossfade('status')).code).toBe(0);
  }, 90_000);

  it('refuses a close, and says why', async () => {
    note('A close is refused while logins ask for legacy.');
    const { code, stdout } = await crossfade('close --yes --legacy default-api');
    expect(code).toBe(1);
    expect(stdout).toContain('the drain gate says');
  }, 90_000);

  it('advances, and rolls back in the middle of a deployment that bakes', async () => {
    const traffic = fleet.startTraffic(['legacy', 'target']);
    await vi.waitFor(
      async () => expect((await fleet.crossfade('advance', '--to', '5', '--yes')).code).toBe(0),
      POLLING,
    );
    expect((await crossfade('advance --to 25 --yes')).code).toBe(0);
    note('Another operator deploys 60 % with a strategy that bakes for ten minutes. Rollback in the middle of it:');
    await deployBaking(fleet, 60);
    const { code, stdout } = await crossfade('rollback --reason checkout-errors');
    expect(stdout).toContain('stopped');
    expect(code).toBe(0);
    const answers = await traffic.stop();
    note(`Requests meanwhile: ${JSON.stringify(answers)}`);
    expect(Object.keys(answers).filter((answer) => !answer.endsWith(' 200'))).toEqual([]);
  }, 180_000);

  it('closes once the gate passes, and a rollback after the close reopens first', async () => {
    note('Once more, to 100 %, and the drain.');
    const traffic = fleet.startTraffic(['target']);
    await vi.waitFor(
      async () => expect((await fleet.crossfade('advance', '--to', '5', '--yes')).code).toBe(0),
      POLLING,
    );
    expect((await crossfade('advance --to 100 --yes')).code).toBe(0);
    await vi.waitFor(async () => expect((await fleet.crossfade('gate')).code).toBe(0), {
      timeout: 150_000,
      interval: 1000,
    });
    expect((await crossfade('gate')).code).toBe(0);
    expect((await crossfade('close --yes --legacy default-api')).code).toBe(0);
    expect((await crossfade('status')).stdout).toContain('contract');
    note('A forgotten client comes back. Rollback after the close:');
    expect(await fleet.instances[0]?.request('legacy')).toBe(401);
    await vi.waitFor(async () => {
      const { stdout: named } = await fleet.crossfade('stragglers');
      expect(named).toMatch(/web-app; .*1 rejected; why: legacy_closed 1/);
    }, POLLING);
    await crossfade('stragglers');
    const { code, stdout } = await crossfade('rollback');
    expect(stdout).toContain('reopen');
    expect(code).toBe(0);
    for (const { request } of fleet.instances) expect(await request('legacy')).toBe(200);
    note(`Requests meanwhile: ${JSON.stringify(await traffic.stop())}`);
  }, 300_000);

  it('rolls back with a quarter of the fleet dead', async () => {
    const traffic = fleet.startTraffic(['legacy', 'target']);
    await vi.waitFor(
      async () => expect((await fleet.crossfade('advance', '--to', '5', '--yes')).code).toBe(0),
      POLLING,
    );
    const [dead] = fleet.instances;
    await dead?.sidecar.stop('SIGKILL');
    note('One of four sidecars is killed.');
    expect((await crossfade('rollback')).code).toBe(4);
    expect((await crossfade(`rollback --without ${dead?.name}`)).code).toBe(0);
    await dead?.sidecar.start();
    await traffic.stop();
  }, 300_000);

  it('has a history that names every move', async () => {
    const { code, stdout } = await crossfade('history');
    expect(code).toBe(0);
    expect(stdout).toContain('alice');
    expect(stdout).toContain('checkout-errors');
  }, 60_000);
});

/** Deploys a share as another operator would who does not use Crossfade, with ten minutes of baking. */
async function deployBaking({ endpoint }: OperatedFleet, percent: number): Promise<void> {
  const client = new AppConfigClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const { Items: [application] = [] } = await client.send(new ListApplicationsCommand({}));
  const ApplicationId = application?.Id;
  const { Items: [environment] = [] } = await client.send(new ListEnvironmentsCommand({ ApplicationId }));
  const { Items: [profile] = [] } = await client.send(new ListConfigurationProfilesCommand({ ApplicationId }));
  const attributes = { percent: { constraints: { type: 'number', minimum: 0, maximum: 100 } } };
  const content = {
    version: '1',
    flags: { 'issue-target': { name: 'issue-target', attributes }, 'accept-legacy': { name: 'accept-legacy' } },
    values: { 'issue-target': { enabled: true, percent }, 'accept-legacy': { enabled: true } },
  };
  const { VersionNumber } = await client.send(
    new CreateHostedConfigurationVersionCommand({
      ApplicationId,
      ConfigurationProfileId: profile?.Id,
      Content: new TextEncoder().encode(JSON.stringify(content)),
      ContentType: 'application/json',
    }),
  );
  const strategy = await client.send(
    new CreateDeploymentStrategyCommand({
      Name: `baking-${percent}`,
      DeploymentDurationInMinutes: 0,
      GrowthFactor: 100,
      FinalBakeTimeInMinutes: 10,
      ReplicateTo: 'NONE',
    }),
  );
  await client.send(
    new StartDeploymentCommand({
      ApplicationId,
      EnvironmentId: environment?.Id,
      ConfigurationProfileId: profile?.Id,
      DeploymentStrategyId: strategy.Id,
      ConfigurationVersion: String(VersionNumber),
    }),
  );
  client.destroy();
}

describe('a close', () => {
  it('ends with 4, and status is red, where an API without the acceptance switch still takes legacy', async () => {
    const fleet = await startOperatedFleet({ instances: 1, gate: 'sidecars', release: 'unswitched' });
    onTestFinished(() => fleet.remove());
    const [instance] = fleet.instances;
    if (instance === undefined) throw new Error('one instance expected');
    await vi.waitFor(async () => {
      expect(await instance.request('target')).toBe(200);
      expect((await fleet.crossfade('advance', '--to', '100', '--yes')).code).toBe(0);
    }, POLLING);
    await vi.waitFor(async () => {
      await instance.request('target');
      expect((await fleet.crossfade('gate')).code).toBe(0);
    }, POLLING);
    const closing = fleet.crossfade('close', '--yes', '--legacy', 'default-api');
    await vi.waitFor(async () => {
      const { acceptance } = (await (await fetch(`${instance.sidecar.adminUrl}/status`)).json()) as {
        acceptance: string;
      };
      expect(acceptance).toBe('target');
    }, POLLING);
    const traffic = fleet.startTraffic(['legacy']);
    const closed = await closing;
    const status = await fleet.crossfade('status');
    await traffic.stop();
    expect(closed.stdout).toMatch(
      /still taken .*took a legacy token after the close: give its validator acceptanceSwitch/,
    );
    expect(closed.code).toBe(4);
    expect(status.stdout).toContain('still taken');
    expect(status.stdout).toContain('legacy_closed');
  }, 180_000);
});
