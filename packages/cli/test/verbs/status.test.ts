import { describe, expect, it } from 'vitest';
import { showDisagreements, showDrained, startSidecar } from '../fixture/sidecar.ts';
import { createWorkplace, NOW_MS, PLAN } from '../fixture/workplace.ts';

const now = () => NOW_MS;

async function createWatchedWorkplace(flags: object) {
  const workplace = await createWorkplace();
  await workplace.writeFlags(flags);
  const sidecar = await startSidecar(workplace.flagsPath);
  await workplace.writePlan({ ...PLAN, gate: { sidecars: [sidecar.url] } });
  return { ...workplace, sidecar };
}

describe('crossfade status', () => {
  it.each([
    ['expand', {}, 'every login asks for legacy', 'crossfade advance'],
    [
      'migrate',
      { 'issue-target': { enabled: true, percent: 25 } },
      '25% of logins ask for target',
      'crossfade rollback',
    ],
    ['drain', { 'issue-target': { enabled: true } }, 'the gate says pass', 'crossfade close'],
    [
      'contract',
      { 'issue-target': { enabled: true }, 'accept-legacy': { enabled: false } },
      'is closed',
      'crossfade reopen',
    ],
  ])('shows %s, the reason and what comes next', async (phase, flags, reason, next) => {
    const { crossfade } = await createWatchedWorkplace(flags);
    const result = await crossfade(['status', '--json'], { now });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.json()).toMatchObject({
      verb: 'status',
      migration: 'orders-2026',
      phase,
      reason: expect.stringContaining(reason),
      next: expect.stringContaining(next),
    });
    expect((await crossfade(['status'], { now })).stdout).toContain(`orders-2026: ${phase}\n`);
  });

  it('shows prepare until an API was seen to accept a target token', async () => {
    const { crossfade, writePlan } = await createWatchedWorkplace({});
    const observing = await startSidecar();
    observing.status.acceptance = 'legacy';
    const none = { acceptedAt: null, unauthorizedAt: null };
    observing.status.apiResponses = { legacy: none, target: none };
    await writePlan({ ...PLAN, gate: { sidecars: [observing.url] } });
    const { phase, reason } = (await crossfade(['status', '--json'], { now })).json();
    expect(phase).toBe('prepare');
    expect(reason).toContain('0 of 1 API instances');
  });

  it('does not call expand done while the API accepts verified tokens that the plan refuses', async () => {
    const { crossfade, sidecar } = await createWatchedWorkplace({});
    showDisagreements(sidecar.status, { wrong_audience: 4, malformed_token: 1 }, { verifiedMs: 60_000 });
    const { phase, next, disagreements } = (await crossfade(['status', '--json'], { now })).json();
    expect(phase).toBe('expand');
    expect(next).toMatch(/^settle this before a validator enforces.*wrong_audience 4; last 1m ago/);
    expect(disagreements).toMatchObject({ reasons: { wrong_audience: 4, malformed_token: 1 } });
    const { stdout } = await crossfade(['status'], { now });
    expect(stdout).toMatch(/disagreements +the API accepted verified tokens/);
    showDisagreements(sidecar.status, { malformed_token: 1 }, { unverifiedMs: 60_000 });
    expect((await crossfade(['status', '--json'], { now })).json()).toMatchObject({
      next: expect.stringContaining('crossfade advance'),
    });
  });

  it('shows the ETA of the drain before and during it', async () => {
    const { crossfade, writeFlags, sidecar } = await createWatchedWorkplace({});
    showDrained(sidecar.status);
    expect((await crossfade(['status'], { now })).stdout).toContain('takes at least 30d 1h');
    await writeFlags({ 'issue-target': { enabled: true, since: '2026-02-28T12:00:00Z' } });
    expect((await crossfade(['status'], { now })).stdout).toMatch(/earliest pass +2026-03-30T13:00:05Z \(in 29d 1h\)/);
  });

  it('names every meter with what it holds, and each missing meter', async () => {
    const { crossfade, writePlan, sidecar } = await createWatchedWorkplace({
      'issue-target': { enabled: true, percent: 5, revision: '2' },
    });
    sidecar.status.validUnauthorized = 3;
    const gone = await startSidecar();
    await gone.close();
    await writePlan({ ...PLAN, gate: { sidecars: [sidecar.url, gone.url] } });
    const { stdout } = await crossfade(['status'], { now });
    expect(stdout).toContain('1 of 2 responded');
    expect(stdout).toContain(
      `${sidecar.url}; accepts legacy and target; legacy never; target 1s ago; holds revision 2 (5%); refused valid tokens: 3`,
    );
    expect(stdout).toContain(`${gone.url}: cannot be reached (ECONNREFUSED)`);
  });

  it.each([
    ['in drain', { 'issue-target': { enabled: true } }, true],
    ['after a close', { 'issue-target': { enabled: true }, 'accept-legacy': { enabled: false } }, true],
    ['not before, when they are what is expected', { 'issue-target': { enabled: true, percent: 25 } }, false],
  ])('states the open connections of legacy tokens %s', async (_when, flags, isStated) => {
    const { crossfade, sidecar } = await createWatchedWorkplace(flags);
    sidecar.status.openConnections = { legacy: 2, target: 1, bridge: 0 };
    const { stdout } = await crossfade(['status'], { now });
    expect(/note +2 connections opened with legacy tokens are still open/.test(stdout)).toBe(isStated);
    expect(stdout).toContain('; open connections of legacy tokens: 2');
    expect((await crossfade(['status', '--json'], { now })).json()).toMatchObject({
      openConnections: { legacy: 2, target: 1, bridge: 0 },
      fleet: { meters: [{ openConnections: { legacy: 2, target: 1, bridge: 0 } }] },
    });
  });

  it('hints at a proxy that the plan does not name', async () => {
    const { crossfade, sidecar } = await createWatchedWorkplace({});
    expect((await crossfade(['status'], { now })).stdout).not.toContain('hint');
    sidecar.status.forwardedHeaders = { replaced: 12, from: ['10.0.3.7', '10.0.3.8'], lastAt: '2026-03-01T11:00:00Z' };
    expect((await crossfade(['status'], { now })).stdout).toContain(
      `${sidecar.url}: the sidecar replaced the X-Forwarded-* headers of 10.0.3.7, 10.0.3.8 on 12 requests: see crossfade doctor`,
    );
  });

  it('works without a meter in the plan', async () => {
    const { crossfade, writePlan } = await createWatchedWorkplace({});
    await writePlan(PLAN);
    expect(await crossfade(['status'], { now })).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('0 of an unknown number responded'),
    });
  });

  it('shows the meters even if the flag store cannot be read, and ends with 3', async () => {
    const { crossfade, writePlan, folder, sidecar } = await createWatchedWorkplace({});
    await writePlan({ ...PLAN, flags: { source: 'file', path: folder }, gate: { sidecars: [sidecar.url] } });
    const result = await crossfade(['status'], { now });
    expect(result.exitCode).toBe(3);
    expect(result.stdout).toContain(`${sidecar.url}; accepts`);
    expect(result.stderr).toContain('is a directory');
  });

  it('repeats on a terminal until interrupted', async () => {
    const { crossfade } = await createWatchedWorkplace({});
    const interrupt = new AbortController();
    let text = '';
    const stdout = { write: (more: string) => (text += more) };
    const pending = crossfade(['status', '--watch'], {
      now,
      isTerminal: true,
      stdout,
      signal: interrupt.signal,
      env: { NO_COLOR: '1' },
    });
    await expect.poll(() => text, { timeout: 10_000 }).toMatch(/orders-2026 {2}\w+/);
    interrupt.abort();
    expect(await pending).toMatchObject({ exitCode: 0 });
  });

  it('refuses --watch with a pipe and with --json', async () => {
    const { crossfade } = await createWatchedWorkplace({});
    const refused = { exitCode: 2, stderr: expect.stringContaining('--watch: needs a terminal') };
    expect(await crossfade(['status', '--watch'])).toMatchObject(refused);
    expect(await crossfade(['status', '--watch', '--json'], { isTerminal: true })).toMatchObject(refused);
    expect(await crossfade(['status', '--watch'], { isTerminal: true, env: { TERM: 'dumb' } })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('TERM is dumb'),
    });
  });

  it('shows the last move, with who and why', async () => {
    const { crossfade, writeFlags, writePlan, flagsPath } = await createWorkplace();
    await writeFlags({ 'issue-target': { enabled: true, percent: 50, revision: '3' } });
    const sidecar = await startSidecar(flagsPath);
    await writePlan({ ...PLAN, gate: { sidecars: [sidecar.url] } });
    expect((await crossfade(['status'])).stdout).toMatch(/last move +none is recorded/);
    await crossfade(['rollback', '--reason', 'checkout errors'], { env: { CROSSFADE_OPERATOR: 'alice' } });
    expect((await crossfade(['status'])).stdout).toMatch(
      /last move +.*: 50% both -> 0% both, rollback by alice, because checkout errors/,
    );
    expect((await crossfade(['status', '--json'])).json()).toMatchObject({
      store: { source: `file ${flagsPath}`, hash: expect.stringMatching(/^[0-9a-f]{12}$/) },
      deployments: [],
      lastMove: { operator: 'alice', verb: 'rollback' },
      apart: [],
    });
  });

  it('names a meter that holds other flags than the store', async () => {
    const { crossfade, writeFlags, writePlan } = await createWorkplace();
    await writeFlags({ 'issue-target': { enabled: true, percent: 50, revision: '3' } });
    const sidecar = await startSidecar();
    sidecar.status.issuance = { percent: 60, enabled: true };
    await writePlan({ ...PLAN, gate: { sidecars: [sidecar.url] } });
    expect((await crossfade(['status'])).stdout).toMatch(
      new RegExp(`apart +${sidecar.url}: still holds another flag document .*60% target.*the store has 50% target`),
    );
  });

  it('ends with 4 and asks for the meters back while none responds', async () => {
    const { crossfade, writePlan } = await createWorkplace();
    const sidecar = await startSidecar();
    await sidecar.close();
    await writePlan({ ...PLAN, gate: { sidecars: [sidecar.url] } });
    const result = await crossfade(['status']);
    expect(result.exitCode).toBe(4);
    expect(result.stdout).toMatch(/orders-2026: prepare/);
    expect(result.stdout).toMatch(/next +bring the meters back, because none responds: crossfade doctor/);
  });
});
