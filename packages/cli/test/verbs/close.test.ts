import { describe, expect, it } from 'vitest';
import { showDisagreements, showDrained, startSidecar } from '../fixture/sidecar.ts';
import { createWorkplace, NOW_MS, PLAN } from '../fixture/workplace.ts';

const now = () => NOW_MS;
const DRAINED_FLAGS = { 'issue-target': { enabled: true, percent: 100, revision: '9', since: '2026-01-01T00:00:00Z' } };

async function createDrainedWorkplace() {
  const workplace = await createWorkplace();
  await workplace.writeFlags(DRAINED_FLAGS);
  const sidecar = await startSidecar(workplace.flagsPath);
  showDrained(sidecar.status);
  await workplace.writePlan({ ...PLAN, gate: { sidecars: [sidecar.url] } });
  return { ...workplace, sidecar };
}

describe('crossfade close', () => {
  it('closes the legacy audience once the gate passes and leaves issuance unchanged', async () => {
    const { crossfade, flags } = await createDrainedWorkplace();
    const result = await crossfade(['close', '--yes', '--legacy', 'default-api', '--json'], { now });
    expect(result.exitCode).toBe(0);
    expect(result.json()).toMatchObject({
      outcome: 'done',
      legacy: 'default-api',
      gate: { verdict: 'pass' },
      to: { percent: 100, acceptance: 'target', phase: 'contract' },
    });
    expect(await flags()).toMatchObject({ document: { acceptance: 'target', issuance: { percent: 100 } } });
  });

  it("shows the gate's evidence and who would be turned away before it closes, and records the evidence", async () => {
    const { crossfade, sidecar } = await createDrainedWorkplace();
    sidecar.stragglers = {
      clients: [
        {
          ...{ clientId: 'nightly-batch', accepted: 2, rejected: 1, reasons: { after_close: 3 }, stillMinting: false },
          ...{ lastSeenAt: new Date(NOW_MS - 60_000).toISOString(), latestIssuedAt: null, latestExpiryAt: null },
        },
      ],
      truncated: false,
    };
    const { stdout } = await crossfade(['close', '--yes', '--legacy', 'default-api'], { now });
    expect(stdout).toMatch(/pass +silence: the last legacy token was seen 40d ago/);
    expect(stdout).toMatch(/shadow close +1 client with tokens that a close turns away \(1 of 1 sidecars were asked\)/);
    expect(stdout).toMatch(/nightly-batch: 3 requests \(after_close 3\), last .*1m ago/);
    expect(stdout.indexOf('shadow close')).toBeLessThan(stdout.indexOf('written'));
    expect((await crossfade(['history', '--json'], { now })).json()).toMatchObject({
      moves: [
        { verb: 'close', evidence: expect.stringMatching(/^gate pass: issuance: every login.*; disagreements: /) },
      ],
    });
  });

  it.each(['close', 'status'])(
    '%s shows in red an API that still takes legacy after a close, and close exits with 4',
    async (verb) => {
      const { crossfade, sidecar, writeFlags } = await createDrainedWorkplace();
      const closedAt = new Date(NOW_MS - 60_000).toISOString();
      await writeFlags({ ...DRAINED_FLAGS, 'accept-legacy': { enabled: false, since: closedAt } });
      sidecar.status.apiResponses = {
        legacy: { acceptedAt: new Date(NOW_MS - 1000).toISOString(), unauthorizedAt: null },
        target: { acceptedAt: new Date(NOW_MS - 1000).toISOString(), unauthorizedAt: null },
      };
      const argv = verb === 'close' ? ['close', '--yes', '--legacy', 'default-api'] : ['status'];
      const result = await crossfade(argv, { now });
      expect(result.stdout).toMatch(
        new RegExp(`still taken +${sidecar.url}: its API took a legacy token after the close`),
      );
      expect(result.exitCode).toBe(verb === 'close' ? 4 : 0);
    },
  );

  it.each([
    ['an API that refused a legacy token', 500, /proof +1 of 1 APIs are known to refuse legacy/],
    ['no legacy token since', 90_000, /proof +none took a legacy token since, but no API is known to refuse one/],
  ])('says what proves a close that is already written: %s', async (_case, agoMs, proof) => {
    const { crossfade, sidecar, writeFlags } = await createDrainedWorkplace();
    const closedAt = new Date(NOW_MS - 60_000).toISOString();
    await writeFlags({ ...DRAINED_FLAGS, 'accept-legacy': { enabled: false, since: closedAt } });
    sidecar.status.shown = { legacy: null, target: true }; // of an observing sidecar
    sidecar.status.apiResponses = {
      legacy: { acceptedAt: null, unauthorizedAt: new Date(NOW_MS - agoMs).toISOString() },
      target: { acceptedAt: new Date(NOW_MS - 1000).toISOString(), unauthorizedAt: null },
    };
    const result = await crossfade(['close', '--yes', '--legacy', 'default-api'], { now });
    expect(result.stdout).toMatch(proof);
    expect(result.exitCode).toBe(0);
  });

  it('takes what an API took before its flags arrived for no contradiction', async () => {
    const { crossfade, sidecar, writeFlags } = await createDrainedWorkplace();
    const closedMs = NOW_MS - 60_000;
    await writeFlags({
      ...DRAINED_FLAGS,
      'accept-legacy': { enabled: false, since: new Date(closedMs).toISOString() },
    });
    sidecar.status.apiResponses = {
      legacy: { acceptedAt: new Date(closedMs + 999).toISOString(), unauthorizedAt: null },
      target: { acceptedAt: new Date(NOW_MS - 1000).toISOString(), unauthorizedAt: null },
    };
    expect(await crossfade(['close', '--yes', '--legacy', 'default-api'], { now })).toMatchObject({ exitCode: 0 });
  });

  it('refuses with 1 and every reason while the gate fails', async () => {
    const { crossfade, flags, sidecar } = await createDrainedWorkplace();
    sidecar.status.audiences.legacy.lastSeenAt = new Date(NOW_MS - 60_000).toISOString();
    const result = await crossfade(['close', '--yes', '--legacy', 'default-api'], { now });
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toContain('the drain gate says fail');
    expect(result.stdout).toContain('silence: the last legacy token was seen 1m ago');
    expect(result.stdout).toMatch(/earliest pass +2026-03-0/);
    expect(await flags()).toMatchObject({ document: { acceptance: 'both' } });
  });

  it('refuses with 4 while the gate is inconclusive', async () => {
    const { crossfade, sidecar, flags } = await createDrainedWorkplace();
    sidecar.status.audiences.target.lastSeenAt = null;
    const result = await crossfade(['close', '--yes', '--legacy', 'default-api', '--json'], { now });
    expect(result.exitCode).toBe(4);
    expect(result.json()).toMatchObject({ outcome: 'refused', gate: { verdict: 'inconclusive' } });
    expect(await flags()).toMatchObject({ document: { acceptance: 'both' } });
  });

  it('states the open connections of legacy tokens before it asks', async () => {
    const { crossfade, sidecar, writePlan } = await createDrainedWorkplace();
    sidecar.status.openConnections = { legacy: 3, target: 0, bridge: 0 };
    const declined = await crossfade(['close'], { now, reply: 'no' });
    expect(declined.stdout).toMatch(/note.* 3 connections opened with legacy tokens .*: a close does not end them/);
    const sidecarPlan = { service: 'orders-api', upstream: 'http://127.0.0.1:3000', legacyConnections: 'end' };
    await writePlan({ ...PLAN, gate: { sidecars: [sidecar.url] }, sidecar: sidecarPlan });
    const ends = await crossfade(['close'], { now, reply: 'default-api' });
    expect(ends.exitCode).toBe(0);
    expect(ends.stdout).toMatch(/note.* 3 connections .*: a close ends them \(sidecar\.legacyConnections: end\)/);
  });

  it('asks for the name of the legacy side to be typed', async () => {
    const { crossfade, flags } = await createDrainedWorkplace();
    expect(await crossfade(['close'], { now, reply: 'y' })).toMatchObject({ exitCode: 1 });
    expect(await flags()).toMatchObject({ document: { acceptance: 'both' } });
    const result = await crossfade(['close'], { now, reply: 'default-api' });
    expect(result.stderr).toContain('type the name of the legacy side (default-api):');
    expect(result.exitCode).toBe(0);
    expect(await flags()).toMatchObject({ document: { acceptance: 'target' } });
  });

  it.each([
    [{ audience: ['default-api', 'api://old'] }, 'default-api'],
    [{ clientIds: ['web-app', 'batch'] }, 'web-app'],
    [{ withoutAudience: true }, 'without-audience'],
    [{ anyAudience: true, acknowledgeRisk: true }, 'any-audience'],
  ])('names the legacy side %j as %s', async (identity, name) => {
    const { crossfade, writePlan, sidecar, flags } = await createDrainedWorkplace();
    const { audience, ...legacy } = PLAN.legacy;
    await writePlan({ ...PLAN, legacy: { ...legacy, ...identity }, gate: { sidecars: [sidecar.url] } });
    const refused = await crossfade(['close', '--yes', '--legacy', 'another'], { now });
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`--legacy: must be ${name},`) });
    expect(await crossfade(['close', '--yes', '--legacy', name], { now })).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`orders-2026: close ${name}\n`),
    });
    expect(await flags()).toMatchObject({ document: { acceptance: 'target' } });
  });

  it('refuses with 1 while the API accepts verified tokens that a close would turn away', async () => {
    const { crossfade, sidecar, flags } = await createDrainedWorkplace();
    showDisagreements(sidecar.status, { id_token: 2 }, { verifiedMs: 1000 });
    const result = await crossfade(['close', '--yes', '--legacy', 'default-api', '--json'], { now });
    expect(result.exitCode).toBe(1);
    expect(result.json()).toMatchObject({ outcome: 'refused', disagreements: { reasons: { id_token: 2 } } });
    expect(await flags()).toMatchObject({ document: { acceptance: 'both' } });
  });

  it('does nothing if it is already closed', async () => {
    const { crossfade, flags, writeFlags } = await createDrainedWorkplace();
    await writeFlags({ ...DRAINED_FLAGS, 'accept-legacy': { enabled: false, since: '2026-02-01T00:00:00Z' } });
    const before = await flags();
    const result = await crossfade(['close', '--yes', '--legacy', 'default-api', '--json'], { now });
    expect(result).toMatchObject({ exitCode: 0 });
    expect(result.json()).toMatchObject({ outcome: 'unchanged' });
    expect(await flags()).toEqual(before);
  });

  it.each([
    ['a sidecar does not respond', 'bodyInstead', 'no status', /unconfirmed +whether all APIs refuse legacy: 0 of 1/],
    [
      'a sidecar holds other flags',
      'status',
      { flags: { revision: '8', ageSeconds: 0, stale: false, hash: 'aaaabbbbcccc' } },
      /unconfirmed +http.*: still holds another flag document/,
    ],
  ])(
    'is inconclusive with 4, and proves nothing, if it is already closed and %s',
    async (_case, field, value, said) => {
      const { crossfade, writeFlags, writePlan } = await createDrainedWorkplace();
      await writeFlags({ ...DRAINED_FLAGS, 'accept-legacy': { enabled: false, since: '2026-02-01T00:00:00Z' } });
      const sidecar = await startSidecar();
      await writePlan({ ...PLAN, gate: { sidecars: [sidecar.url] } });
      if (field === 'status') Object.assign(sidecar.status, value);
      else Object.assign(sidecar, { [field]: value });
      const result = await crossfade(['close', '--yes', '--legacy', 'default-api'], { now });
      expect(result.exitCode).toBe(4);
      expect(result.stdout).toMatch(said);
    },
  );

  it.each([
    [['--yes'], '--legacy: is required with --yes'],
    [['--yes', '--legacy', 'another-api'], '--legacy: must be default-api, the name of the legacy side in the plan'],
    [[], '--yes: is required without a terminal'],
  ])('refuses %j', async (options, message) => {
    const { crossfade } = await createDrainedWorkplace();
    const result = await crossfade(['close', ...options], { now });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain(message);
    expect(result.stderr).not.toContain('another-api');
  });
});
