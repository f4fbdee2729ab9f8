import { parsePlan } from '@crossfade/core';
import { openFlagSource } from '@crossfade/flags';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startAppConfig } from './fixture/app-config.ts';
import { startSidecar } from './fixture/sidecar.ts';
import { createWorkplace, PLAN } from './fixture/workplace.ts';

async function createAppConfigWorkplace() {
  const appConfig = await startAppConfig();
  const workplace = await createWorkplace();
  const source = await openFlagSource(parsePlan({ ...PLAN, flags: appConfig.flags }).flags);
  onTestFinished(() => source.close());
  const sidecar = await startSidecar(source);
  await workplace.writePlan({ ...PLAN, flags: appConfig.flags, gate: { sidecars: [sidecar.url] } });
  return { ...workplace, ...appConfig };
}

describe('crossfade with AppConfig', () => {
  it('advances, rolls back and shows the phase through both planes', async () => {
    const { crossfade } = await createAppConfigWorkplace();
    const advanced = await crossfade(['advance', '--to', '50', '--yes', '--json']);
    expect(advanced.json()).toMatchObject({ exitCode: 0, revision: '8', pending: [] });
    expect((await crossfade(['status', '--json'])).json()).toMatchObject({
      phase: 'migrate',
      issuance: { percent: 50 },
    });
    const rolledBack = await crossfade(['rollback', '--json']);
    expect(rolledBack.json()).toMatchObject({ exitCode: 0, revision: '9', timeToEffectSeconds: 15, pending: [] });
    expect((await crossfade(['status', '--json'])).json()).toMatchObject({ phase: 'expand', issuance: { percent: 0 } });
    // One number for one move, although AppConfig counts deployments and versions of its own.
    expect((await crossfade(['status'])).stdout).toMatch(/flags +appconfig, revision 9\n/);
    expect((await crossfade(['history'])).stdout).toMatch(/deployment \d+ \(version \d+, revision 9\) .*rollback by/);
  });

  it('refuses to advance with 5 while another operator deploys, and names the deployment', async () => {
    const { crossfade, deployElsewhere } = await createAppConfigWorkplace();
    await deployElsewhere();
    const result = await crossfade(['advance', '--to', '50', '--yes', '--json']);
    expect(result.exitCode).toBe(5);
    expect(result.stderr).toContain('deployment 2');
    expect(result.json()).toMatchObject({ verb: 'advance', error: { code: 'conflict' } });
  });

  it('rolls back during a deployment, and reports that it stopped it', async () => {
    const { crossfade, deployElsewhere } = await createAppConfigWorkplace();
    await deployElsewhere();
    const result = await crossfade(['rollback']);
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toMatch(/stopped +deployment 2/);
    expect((await crossfade(['status', '--json'])).json()).toMatchObject({ issuance: { percent: 0 } });
  });

  it('prints what to do by hand when AppConfig is down', async () => {
    const { crossfade, emulator } = await createAppConfigWorkplace();
    emulator.faults.set({ kind: 'error', plane: 'control' });
    const result = await crossfade(['rollback']);
    expect(result.exitCode).toBe(3);
    expect(result.stderr).toContain('aws appconfig stop-deployment');
    expect(result.stderr).toContain('application orders, environment prod, profile crossfade');
  });
});
