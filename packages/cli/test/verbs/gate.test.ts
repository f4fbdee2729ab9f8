import { rmSync } from 'node:fs';
import { parsePlan } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { prometheusQueries, showDrainedFleet, startPrometheus } from '../fixture/prometheus.ts';
import { type RecordedChange, recordedDrained } from '../fixture/recorded.ts';
import { showDisagreements, showDrained, startSidecar } from '../fixture/sidecar.ts';
import { createWorkplace, NOW_MS, PLAN } from '../fixture/workplace.ts';

const now = () => NOW_MS;
const NOW = NOW_MS / 1000;

async function createDrainedWorkplace() {
  const workplace = await createWorkplace();
  await workplace.writeFlags({ 'issue-target': { enabled: true, since: '2026-01-01T00:00:00Z' } });
  const sidecars = [await startSidecar(workplace.flagsPath), await startSidecar(workplace.flagsPath)];
  for (const { status } of sidecars) showDrained(status);
  await workplace.writePlan({ ...PLAN, gate: { sidecars: sidecars.map(({ url }) => url) } });
  return { ...workplace, sidecars };
}

describe('crossfade gate', () => {
  it('passes with 0 and prints every check', async () => {
    const { crossfade } = await createDrainedWorkplace();
    const result = await crossfade(['gate', '--json'], { now });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.json()).toMatchObject({ verb: 'gate', exitCode: 0, verdict: 'pass', phase: 'drain' });
    expect(result.json()['checks']).toHaveLength(9);
  });

  describe('with --wait', () => {
    async function createWaitingWorkplace() {
      const workplace = await createDrainedWorkplace();
      const { sidecars, writePlan } = workplace;
      await writePlan({ ...PLAN, gate: { silence: '10s', sidecars: sidecars.map(({ url }) => url) } });
      const [first] = sidecars;
      if (first === undefined) throw new Error('two sidecars expected');
      first.status.audiences.target.lastSeenAt = null;
      return { ...workplace, first };
    }

    it('asks until the gate passes, and says once what it waits for', async () => {
      const { crossfade, first } = await createWaitingWorkplace();
      let seen = '';
      const stdout = { write: (text: string) => (seen += text) };
      const waiting = crossfade(['gate', '--wait', '--timeout', '1h'], { now, stdout });
      await expect.poll(() => seen).toContain('inconclusive: waiting for target_traffic (inconclusive)');
      first.status.audiences.target.lastSeenAt = new Date(NOW_MS - 1).toISOString();
      expect((await waiting).exitCode).toBe(0);
      expect(seen.match(/waiting for/g)).toHaveLength(1);
      expect(seen).toMatch(/the drain gate says pass/);
    });

    it('ends with the last verdict when it is interrupted, and calls no meter missing that responded', async () => {
      const { crossfade } = await createWaitingWorkplace();
      const interrupt = new AbortController();
      let seen = '';
      const stdout = { write: (text: string) => (seen += text) };
      const pending = crossfade(['gate', '--wait'], { now, signal: interrupt.signal, stdout });
      await expect.poll(() => seen, { timeout: 10_000 }).toContain('waiting for');
      interrupt.abort();
      expect((await pending).exitCode).toBe(4);
      expect(seen).toContain('2 of 2 expected meters responded');
      expect(seen).not.toContain('interrupted');
    });

    it('ends with the verdict of then when the time is over', async () => {
      const { crossfade } = await createWaitingWorkplace();
      const result = await crossfade(['gate', '--wait', '--timeout', '0s', '--json'], { now });
      expect(result.exitCode).toBe(4);
      expect(result.json()).toMatchObject({ verdict: 'inconclusive' });
    });

    it('goes on through an outage of the flag store, and says so', async () => {
      const { crossfade, first, flagsPath, writeFlags } = await createWaitingWorkplace();
      first.status.audiences.target.lastSeenAt = new Date(NOW_MS - 1).toISOString();
      rmSync(flagsPath);
      let seen = '';
      const stdout = { write: (text: string) => (seen += text) };
      const waiting = crossfade(['gate', '--wait'], { now, stdout });
      await expect.poll(() => seen).toContain('cannot be asked: ');
      await writeFlags({ 'issue-target': { enabled: true, since: '2026-01-01T00:00:00Z' } });
      expect((await waiting).exitCode).toBe(0);
    });

    it.each([
      [['gate', '--timeout', '5m'], 'needs --wait'],
      [['gate', '--wait', '--timeout', 'soon'], 'must be a duration such as 30m'],
    ])('refuses %j', async (argv, message) => {
      const { crossfade } = await createWaitingWorkplace();
      expect(await crossfade(argv)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) });
    });
  });

  it('fails with 1, and says when it could pass', async () => {
    const { crossfade, sidecars } = await createDrainedWorkplace();
    const legacy = sidecars[1]?.status.audiences.legacy;
    Object.assign(legacy ?? {}, {
      lastSeenAt: '2026-03-01T11:00:00Z',
      latestIssuedAt: '2026-03-01T10:30:00Z',
      latestExpiryAt: '2026-03-01T11:30:00Z',
    });
    const result = await crossfade(['gate'], { now });
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toContain('the drain gate says fail');
    expect(result.stdout).toMatch(/fail +silence: the last legacy token was seen 1h ago/);
    expect(result.stdout).toMatch(
      /earliest pass +2026-03-31T11:30:05Z \(in 29d 23h\), if no legacy token is seen again/,
    );
  });

  it('states the open connections of legacy tokens, and passes all the same', async () => {
    const { crossfade, sidecars } = await createDrainedWorkplace();
    const unknown = await crossfade(['gate', '--json'], { now });
    expect(unknown.json()).toMatchObject({ notes: [], openConnections: null });
    for (const { status } of sidecars) status.openConnections = { legacy: 0, target: 4, bridge: 1 };
    const none = await crossfade(['gate'], { now });
    expect(none).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining('note') });

    for (const { status } of sidecars) status.openConnections = { legacy: 2, target: 4, bridge: 1 };
    const text = await crossfade(['gate'], { now });
    expect(text.exitCode).toBe(0);
    expect(text.stdout).toMatch(
      /note +4 connections opened with legacy tokens are still open \(WebSocket, gRPC or event streams\): a close does not end them/,
    );
    expect((await crossfade(['gate', '--json'], { now })).json()).toMatchObject({
      verdict: 'pass',
      openConnections: { legacy: 4, target: 8, bridge: 2 },
      notes: [expect.stringMatching(/^4 connections/)],
    });
  });

  it('counts the connections of the sidecars that tell of them, next to an older one', async () => {
    const { crossfade, sidecars } = await createDrainedWorkplace();
    Object.assign(sidecars[1]?.status ?? {}, { openConnections: { legacy: 1, target: 0, bridge: 0 } });
    const result = await crossfade(['gate', '--json'], { now });
    expect(result.json()).toMatchObject({ openConnections: { legacy: 1, target: 0, bridge: 0 } });
  });

  it('is inconclusive with 4 when a sidecar does not respond, and names it', async () => {
    const { crossfade, sidecars } = await createDrainedWorkplace();
    await sidecars[0]?.close();
    const result = await crossfade(['gate'], { now });
    expect(result.exitCode).toBe(4);
    expect(result.stdout).toContain(`${sidecars[0]?.url}: cannot be reached`);
    expect(result.stdout).toMatch(/inconclusive +coverage: 1 of 2 expected meters responded/);
  });

  it('is inconclusive with 4 when two of the listed URLs reach the same sidecar', async () => {
    const { crossfade, sidecars, writePlan } = await createDrainedWorkplace();
    const url = sidecars[0]?.url ?? '';
    const again = url.replace('127.0.0.1', 'localhost');
    await writePlan({ ...PLAN, gate: { sidecars: [url, again, `${url}/`] } });
    const result = await crossfade(['gate'], { now });
    expect(result.exitCode).toBe(4);
    expect(result.stdout).toContain(`${again}: is the same sidecar as ${url}: list each sidecar once`);
    expect(result.stdout).toMatch(/inconclusive +coverage: 1 of 2 expected meters responded/);
  });

  it.each([{ status: 'ok' }, 'hello', [], { migration: 'orders-2026', startedAt: 'yesterday' }])(
    'rejects %j as a sidecar status',
    async (body) => {
      const { crossfade, sidecars } = await createDrainedWorkplace();
      Object.assign(sidecars[0] ?? {}, { bodyInstead: body });
      expect(await crossfade(['gate'], { now })).toMatchObject({ exitCode: 4 });
    },
  );

  it('counts a 401 for a valid token as now when the sidecar does not say when', async () => {
    const { crossfade, sidecars } = await createDrainedWorkplace();
    Object.assign(sidecars[0]?.status ?? {}, { validUnauthorized: 1 });
    expect(await crossfade(['gate'], { now })).toMatchObject({ exitCode: 1 });
    Object.assign(sidecars[0]?.status ?? {}, { lastValidUnauthorizedAt: '2026-01-01T00:00:00Z' });
    expect(await crossfade(['gate'], { now })).toMatchObject({ exitCode: 0 });
  });

  it('fails with 1 while the API accepts verified tokens that the plan refuses, and says what to do', async () => {
    const { crossfade, sidecars } = await createDrainedWorkplace();
    const status = sidecars[1]?.status;
    if (status === undefined) throw new Error('two sidecars expected');
    showDisagreements(status, { foreign_audience: 63, malformed_token: 9 }, { verifiedMs: 60_000 });
    const text = await crossfade(['gate'], { now });
    expect(text.exitCode).toBe(1);
    expect(text.stdout).toMatch(
      /fail +disagreements: the API accepted verified tokens that the plan refuses \(foreign_audience 63; last 1m ago; the window is 1d 1h\): .*crossfade stragglers/,
    );
    expect((await crossfade(['gate', '--json'], { now })).json()).toMatchObject({
      verdict: 'fail',
      disagreements: {
        reasons: { foreign_audience: 63, malformed_token: 9 },
        lastVerifiedAt: '2026-03-01T11:59:00.000Z',
        lastUnverifiedAt: null,
        unknown: [],
      },
    });
    showDisagreements(status, { foreign_audience: 63 }, { verifiedMs: 25 * 3_600_000 + 60_000 });
    expect(await crossfade(['gate'], { now })).toMatchObject({ exitCode: 0 });
  });

  it('is inconclusive with 4 while the API accepts tokens that cannot be verified', async () => {
    const { crossfade, sidecars } = await createDrainedWorkplace();
    const status = sidecars[0]?.status;
    if (status === undefined) throw new Error('two sidecars expected');
    showDisagreements(status, { malformed_token: 9 }, { unverifiedMs: 60_000 });
    const result = await crossfade(['gate'], { now });
    expect(result.exitCode).toBe(4);
    expect(result.stdout).toMatch(/inconclusive +disagreements: .*malformed_token 9;.*sidecar\.publicPaths/);
  });

  it('is inconclusive with 4 where a sidecar is too old to report disagreements, and names it', async () => {
    const { crossfade, sidecars } = await createDrainedWorkplace();
    delete sidecars[0]?.status.disagreements;
    const result = await crossfade(['gate', '--json'], { now });
    expect(result.exitCode).toBe(4);
    expect(result.json()).toMatchObject({ disagreements: { unknown: [sidecars[0]?.url] } });
    expect(result.stdout).toContain(`${sidecars[0]?.url}: too old to tell`);
  });

  describe('where the plan names Prometheus', () => {
    async function createRecordedWorkplace(change: RecordedChange = {}) {
      const workplace = await createWorkplace();
      await workplace.writeFlags({ 'issue-target': { enabled: true, since: '2026-01-01T00:00:00Z' } });
      const prometheus = await startPrometheus(prometheusQueries(parsePlan(PLAN)));
      showDrainedFleet(prometheus, ['a', 'b'], NOW);
      Object.assign(prometheus.results, recordedDrained(NOW, change), { expected: [[{}, 2]] });
      await workplace.writePlan({ ...PLAN, gate: { prometheus: prometheus.url } });
      return { ...workplace, prometheus };
    }

    it('passes with 0 where the recording rules say that it is drained, and states what was lost and unwatched', async () => {
      const { crossfade, prometheus } = await createRecordedWorkplace();
      prometheus.results.past = [
        [{ of: 'unwatched' }, 0.003 * 30 * 86_400],
        [{ of: 'losses' }, 2],
      ];
      const { exitCode, stdout } = await crossfade(['gate'], { now });
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/pass +watched: the fleet is watched for 40d; the longest window is 30d 1h/);
      expect(stdout).toMatch(/note +2 processes ended unscraped: what they counted/);
      expect(stdout).toMatch(/note +0\.3% of instance-time was not watched/);
      const { checks, watch } = (await crossfade(['gate', '--json'], { now })).json();
      expect(checks).toHaveLength(9);
      expect(watch).toMatchObject({
        since: '2026-01-20T12:00:00.000Z',
        evaluatedAt: '2026-03-01T11:59:48.000Z',
        losses: 2,
        unwatchedShare: expect.closeTo(0.003, 5),
        debtSeconds: 0,
        services: [],
        moreServices: 0,
      });
    });

    it('fails with 1 where they say no, and names the earliest pass', async () => {
      const { crossfade } = await createRecordedWorkplace({
        checks: { silence: 0, sessions: 0 },
        last: { legacy_seen: NOW - 60, legacy_issued: NOW - 3600 },
      });
      const { exitCode, stdout } = await crossfade(['gate'], { now });
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/fail +silence: the last legacy token was seen 1m ago; the window is 1d 1h/);
      expect(stdout).toMatch(/earliest pass +2026-03-31T12:00:05Z/);
    });

    it('is inconclusive with 4 where a service lags, and names it as doctor, status and close do', async () => {
      const { crossfade, prometheus } = await createRecordedWorkplace({ checks: { coverage: undefined } });
      prometheus.results.services = [
        [{ of: 'expected', service: 'orders-api' }, 10],
        [{ of: 'watched', service: 'orders-api' }, 8],
        [{ of: 'lagging' }, 1],
      ];
      const lags = /inconclusive +coverage: orders-api: 8 of 10 expected instances are watched/;
      const { exitCode, stdout } = await crossfade(['gate'], { now });
      expect(exitCode).toBe(4);
      expect(stdout).toMatch(lags);
      expect((await crossfade(['status'], { now })).stdout).toMatch(lags);
      const close = await crossfade(['close', '--yes', '--legacy', 'default-api', '--json'], { now });
      expect(close.json()).toMatchObject({
        outcome: 'refused',
        gate: { verdict: 'inconclusive' },
        refusals: [{ guard: 'drained', detail: expect.stringContaining('orders-api: 8 of 10') }],
      });
    });

    it('is inconclusive with 4 where the rules are not loaded, and says so', async () => {
      const { crossfade, prometheus } = await createRecordedWorkplace();
      Object.assign(prometheus.results, { drain: [], evaluated: [], witnesses: [], hints: [[{ of: 'meters' }, 2]] });
      const { exitCode, stdout } = await crossfade(['gate'], { now });
      expect(exitCode).toBe(4);
      expect(stdout).toMatch(
        /inconclusive +silence: .*load deploy\/prometheus\/crossfade\.rules\.yml \(crossfade doctor\)/,
      );
    });

    it('says with --wait when it could pass, and ends once the rules say so', async () => {
      const { crossfade, prometheus } = await createRecordedWorkplace({
        checks: { expiry: 0 },
        last: { legacy_expiry: NOW + 60 },
      });
      const startedMs = performance.now();
      const passing = () => NOW_MS + performance.now() - startedMs;
      const waiting = await crossfade(['gate', '--wait', '--timeout', '1s'], { now: passing });
      expect(waiting.stdout).toMatch(/fail: waiting for expiry \(fail\)/);
      expect(waiting.stdout).toMatch(/earliest pass +2026-03-01T12:01:05Z/);
      Object.assign(prometheus.results, recordedDrained(NOW));
      expect(await crossfade(['gate', '--wait'], { now })).toMatchObject({ exitCode: 0 });
    });

    it('reports disagreements by their reasons, and stops the first advance', async () => {
      const { crossfade, prometheus, writeFlags } = await createRecordedWorkplace({
        checks: { disagreements: 0 },
        last: { verified_disagreement: NOW - 60 },
      });
      prometheus.results.reasons = [
        [{ of: 'window', reason: 'id_token' }, 2.03],
        [{ of: 'meters', reason: 'id_token' }, 9],
      ];
      expect((await crossfade(['gate', '--json'], { now })).json()).toMatchObject({
        disagreements: { reasons: { id_token: 3 }, lastVerifiedAt: '2026-03-01T11:59:00.000Z', unknown: [] },
      });
      await writeFlags({});
      const advance = await crossfade(['advance', '--yes', '--json'], { now });
      expect(advance.json()).toMatchObject({ outcome: 'refused' });
      expect(JSON.stringify(advance.json()['refusals'])).toContain('expand is not done');
      expect((await crossfade(['doctor'], { now })).stdout).toMatch(/fail +disagreements: .*id_token 3/);
    });
  });

  it('ends with 3 when the flag store cannot be read', async () => {
    const { crossfade, writePlan, folder, sidecars } = await createDrainedWorkplace();
    await writePlan({ ...PLAN, flags: { source: 'file', path: folder }, gate: { sidecars: [sidecars[0]?.url] } });
    const result = await crossfade(['gate', '--json'], { now });
    expect(result.exitCode).toBe(3);
    expect(result.json()).toMatchObject({ verb: 'gate', exitCode: 3, error: { code: 'unavailable' } });
  });

  it('ends with 2 when the flag document is broken', async () => {
    const { crossfade, writeFlags } = await createDrainedWorkplace();
    await writeFlags({ 'issue-target': { enabled: true, percent: 'all' } });
    const result = await crossfade(['gate'], { now });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain('flag document in the store: issue-target.percent: must be a number 0..100');
  });
});
