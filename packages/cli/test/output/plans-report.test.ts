import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startAppConfig } from '../fixture/app-config.ts';
import { startSidecar } from '../fixture/sidecar.ts';
import { createWorkplace, NOW_MS, PLAN } from '../fixture/workplace.ts';

const now = () => NOW_MS;

async function createPlans() {
  const workplace = await createWorkplace();
  const sidecar = await startSidecar();
  await workplace.writeFlags({ 'issue-target': { enabled: true, percent: 25 } });
  await writeFile(join(workplace.folder, 'billing-flags.json'), '{}');
  const write = (name: string, plan: object | string) =>
    writeFile(join(workplace.folder, name), typeof plan === 'string' ? plan : JSON.stringify(plan));
  const gate = { sidecars: [sidecar.url] };
  await write('a-orders.yml', { ...PLAN, gate });
  await write('b-billing.yml', {
    ...PLAN,
    migration: 'billing-2026',
    flags: { source: 'file', path: './billing-flags.json' },
  });
  return { ...workplace, write, sidecar };
}

describe('crossfade status of several plans', () => {
  it('shows them side by side, each with its reason and what comes next', async () => {
    const { crossfade } = await createPlans();
    const { exitCode, stdout, stderr } = await crossfade(['status', '--config', '*.yml'], { now });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^orders-2026 {3}migrate {3}25% target {5}accepts both {4}1 of 1 meters$/m);
    expect(stdout).toMatch(/^billing-2026 {2}\w+ +0% target {6}accepts both {4}0 of an unknown number of meters$/m);
    expect(stdout.match(/^ {2}reason /gm)).toHaveLength(2);
    expect(stdout.match(/^ {2}next /gm)).toHaveLength(2);
  });

  it('reads the flags beside each plan, wherever it was started', async () => {
    const { crossfade, folder } = await createPlans();
    const { exitCode, json } = await crossfade(['status', '--config', `${folder}/*.yml`, '--json'], { now, cwd: '/' });
    expect(exitCode).toBe(0);
    expect(json()).toMatchObject({ plans: [{ issuance: { percent: 25 } }, { issuance: { percent: 0 } }] });
  });

  it('prints one document with a list', async () => {
    const { crossfade } = await createPlans();
    const { exitCode, json } = await crossfade(['status', '--config', '*.yml', '--json'], { now });
    expect(exitCode).toBe(0);
    expect(json()).toMatchObject({
      verb: 'status',
      exitCode: 0,
      plans: [
        { config: 'a-orders.yml', migration: 'orders-2026', phase: 'migrate' },
        { config: 'b-billing.yml', migration: 'billing-2026', issuance: { percent: 0 } },
      ],
    });
  });

  it('shows the last move of each plan, and which meters hold other flags than its store', async () => {
    const { crossfade, sidecar } = await createPlans();
    sidecar.status.issuance = { percent: 60, enabled: true };
    const operator = { env: { CROSSFADE_OPERATOR: 'alice' } };
    await crossfade(['rollback', '--now', '--config', 'b-billing.yml', '--reason', 'checkout errors'], operator);
    const { stdout } = await crossfade(['status', '--config', '*.yml']);
    expect(stdout).toMatch(/^ {2}last move +.*: 0% both -> 0% both, rollback by alice, because checkout errors$/m);
    expect(stdout.match(/^ {2}last move/gm)).toHaveLength(1);
    expect(stdout).toContain(`${sidecar.url}: not the flags of the store`);
    const { plans } = (await crossfade(['status', '--config', '*.yml', '--json'])).json();
    expect(plans).toMatchObject([
      { deployments: [], lastMove: null, apart: [{ meter: sidecar.url }] },
      { deployments: [], lastMove: { operator: 'alice' }, apart: [], store: { hash: expect.any(String) } },
    ]);
  });

  it('shows the deployment in progress of each plan', async () => {
    const { crossfade, write } = await createPlans();
    const { flags, deployElsewhere } = await startAppConfig();
    await write('c-users.yml', { ...PLAN, migration: 'users-2026', flags });
    await deployElsewhere();
    const { stdout } = await crossfade(['status', '--config', '*.yml']);
    expect(stdout.match(/^ {2}deployment +in progress: deployment 2.*$/gm)).toHaveLength(1);
    const { plans } = (await crossfade(['status', '--config', '*.yml', '--json'])).json();
    expect(plans).toMatchObject([
      { deployments: [] },
      { deployments: [] },
      { deployments: [{ name: expect.stringContaining('deployment 2') }] },
    ]);
  });

  it('is the status of one plan if the pattern matches one', async () => {
    const { crossfade } = await createPlans();
    const one = await crossfade(['status', '--config', 'a-*.yml', '--json'], { now });
    expect(one.json()).toEqual((await crossfade(['status', '--config', 'a-orders.yml', '--json'], { now })).json());
    expect(one.json()).not.toHaveProperty('plans');
  });

  it('hides no plan behind a broken one, and the exit code tells', async () => {
    const { crossfade, write } = await createPlans();
    await write('c-broken.yml', { ...PLAN, version: 2, migration: '!' });
    const text = await crossfade(['status', '--config', '*.yml'], { now });
    expect(text.exitCode).toBe(2);
    expect(text.stdout).toMatch(/^orders-2026 +migrate/m);
    expect(text.stdout).toMatch(/^c-broken.yml +2 problems$/m);
    expect(text.stdout).toContain('line 1: version: must be 1');
    const { plans } = (await crossfade(['status', '--config', '*.yml', '--json'], { now })).json();
    expect(plans).toMatchObject([
      { migration: 'orders-2026' },
      { migration: 'billing-2026' },
      { config: 'c-broken.yml', error: { code: 'config_invalid', problems: [{ path: 'version' }, {}] } },
    ]);
  });

  it('says which flag store cannot be reached', async () => {
    const { crossfade, write } = await createPlans();
    const flags = { source: 'agent', url: 'http://127.0.0.1:9', application: 'a', environment: 'e', profile: 'p' };
    await write('c-agent.yml', { ...PLAN, migration: 'users-2026', flags });
    const { exitCode, stdout } = await crossfade(['status', '--config', '*.yml'], { now });
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^c-agent.yml +.*did not respond$/m);
    await write('d-broken.yml', 'version: 1');
    expect((await crossfade(['status', '--config', '*.yml'], { now })).exitCode).toBe(2);
  });

  it('names the plan whose meters cannot be read', async () => {
    const { crossfade, write } = await createPlans();
    await write('a-orders.yml', { ...PLAN, gate: { prometheus: 'http://127.0.0.1:9' } });
    const { exitCode, stderr } = await crossfade(['status', '--config', '*.yml'], { now });
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/^The meters of orders-2026 cannot be read: /);
  });

  it('warns of two plans with one migration: they would share meters and buckets', async () => {
    const { crossfade, write } = await createPlans();
    await write('c-copy.yml', PLAN);
    const { stderr } = await crossfade(['status', '--config', '*.yml'], { now });
    expect(stderr).toContain('orders-2026 is the migration of a-orders.yml and c-copy.yml');
  });

  it('repeats with --watch until interrupted', async () => {
    const { crossfade } = await createPlans();
    const interrupt = new AbortController();
    let shown = '';
    const stdout = {
      write(text: string) {
        shown += text;
        if (shown.includes('billing-2026')) interrupt.abort();
      },
    };
    const io = { now, isTerminal: true, signal: interrupt.signal, stdout, env: { NO_COLOR: '1' } };
    expect((await crossfade(['status', '--watch', '--config', '*.yml'], io)).exitCode).toBe(0);
    expect(shown).toContain('orders-2026');
  });

  it.each(['gate', 'rollback', 'doctor', 'stragglers'])('is refused by %s, which works on one plan', async (verb) => {
    const { crossfade } = await createPlans();
    const { exitCode, stdout, stderr } = await crossfade([verb, '--config', '*.yml']);
    expect({ exitCode, said: stdout + stderr }).toMatchObject({
      exitCode: expect.any(Number),
      said: expect.stringContaining(`matches 2 plans, and crossfade ${verb} works on one: name its file`),
    });
    expect(exitCode).not.toBe(0);
  });

  it('is explained where the shell has expanded the pattern', async () => {
    const { crossfade } = await createPlans();
    expect((await crossfade(['status', '--config', 'a-orders.yml', 'b-billing.yml'])).stderr).toContain(
      "status takes no argument: quote a pattern of several plans, such as 'plans/*.yaml'",
    );
    expect((await crossfade(['status', '--config', 'a.yml', '--config', 'b.yml'])).stderr).toContain(
      "--config: is given twice: one quoted pattern names several plans, such as 'plans/*.yaml'",
    );
  });
});
