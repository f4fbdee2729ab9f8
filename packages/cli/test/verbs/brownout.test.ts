import { isInBrownout } from '@crossfade/core/bucketing';
import { describe, expect, it } from 'vitest';
import { startSidecar } from '../fixture/sidecar.ts';
import { createWorkplace, NOW_MS, PLAN } from '../fixture/workplace.ts';

const DRAINING = { 'issue-target': { enabled: true, percent: 100, revision: '9' }, 'accept-legacy': { enabled: true } };
const START = ['brownout', '--percent', '10', '--for', '10m'];

function client(clientId: string | null) {
  const times = { lastSeenAt: new Date(NOW_MS).toISOString(), latestIssuedAt: null, latestExpiryAt: null };
  return { clientId, accepted: 1, rejected: 0, reasons: {}, ...times, openConnections: 0, stillMinting: false };
}

async function createDrainingWorkplace(flags: object = DRAINING) {
  const workplace = await createWorkplace();
  await workplace.writeFlags(flags as Parameters<typeof workplace.writeFlags>[0]);
  const sidecar = await startSidecar(workplace.flagsPath);
  await workplace.writePlan({ ...PLAN, gate: { sidecars: [sidecar.url] } });
  return { ...workplace, sidecar };
}

describe('crossfade brownout', () => {
  it('writes the share and the end into the document, confirms it, and leaves both switches alone', async () => {
    const { crossfade, flags } = await createDrainingWorkplace();
    const result = await crossfade([...START, '--yes', '--json', '--reason', 'search']);
    expect(result.exitCode).toBe(0);
    expect(result.json()).toMatchObject({ outcome: 'done', before: null, percent: 10, pending: [] });
    const { until } = result.json() as { until: string };
    expect(await flags()).toMatchObject({
      document: {
        acceptance: 'both',
        issuance: { percent: 100 },
        brownout: { percent: 10, untilMs: Date.parse(until) },
      },
    });
  });

  it('names the known clients that are concerned, and when the next one joins', async () => {
    const { crossfade, sidecar } = await createDrainingWorkplace();
    const clientIds = Array.from({ length: 40 }, (_, index) => `client-${index}`);
    const concerned = clientIds.filter((clientId) => isInBrownout(clientId, 10));
    expect(concerned.length).toBeGreaterThan(0);
    sidecar.stragglers = { clients: [client(null), ...clientIds.map(client)], truncated: false };
    const result = await crossfade([...START, '--dry-run', '--json']);
    expect(result.json()).toMatchObject({
      outcome: 'dry-run',
      clients: { known: 40, nextPercent: expect.any(Number) },
      wouldWrite: { flags: { brownout: { enabled: true, percent: 10 } } },
    });
    const named = (result.json() as { clients: { concerned: string[] } }).clients.concerned;
    expect(named.toSorted()).toEqual(concerned.toSorted());
    const text = (await crossfade([...START, '--dry-run'])).stdout;
    for (const clientId of concerned) expect(text).toContain(clientId);
    expect(text).toMatch(/of 40 known ones are concerned.*the next one joins at \d/s);
  });

  it('writes nothing with --dry-run, and nothing without consent', async () => {
    const { crossfade, flags } = await createDrainingWorkplace();
    await crossfade([...START, '--dry-run']);
    expect(await flags()).toMatchObject({ document: { brownout: null } });
    const asked = await crossfade(START);
    expect(asked.exitCode).toBe(2);
    expect(asked.stderr).toContain('--yes');
    expect(await flags()).toMatchObject({ document: { brownout: null } });
  });

  it.each([
    ['while logins still ask for legacy', { 'issue-target': { enabled: true, percent: 50 } }, 'Advance to 100% first'],
    ['after a close', { ...DRAINING, 'accept-legacy': { enabled: false } }, 'is closed'],
  ])('refuses %s', async (_, document, why) => {
    const { crossfade, flags } = await createDrainingWorkplace(document);
    const result = await crossfade([...START, '--yes']);
    expect(result.exitCode).toBe(1);
    expect(result.stdout + result.stderr).toContain(why);
    expect(await flags()).toMatchObject({ document: { brownout: null } });
  });

  it.each([
    [['--percent', '26', '--for', '10m'], '--percent'],
    [['--percent', '0', '--for', '10m'], '--percent'],
    [['--for', '10m'], '--percent'],
    [['--percent', '2', '--for', '2h'], '--for'],
    [['--percent', '2', '--for', '1s'], '--for'],
    [['--percent', '2'], '--for'],
    [['--stop', '--percent', '2'], '--stop'],
  ])('refuses %j as usage', async (options, path) => {
    const { crossfade } = await createDrainingWorkplace();
    const result = await crossfade(['brownout', ...options, '--yes']);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain(path);
  });

  it('grows by another run, and ends with --stop, which can be repeated', async () => {
    const { crossfade, flags } = await createDrainingWorkplace();
    await crossfade([...START, '--yes']);
    const more = await crossfade(['brownout', '--percent', '20', '--for', '10m', '--yes', '--json']);
    expect(more.json()).toMatchObject({ before: { percent: 10 }, percent: 20, outcome: 'done' });
    const stop = await crossfade(['brownout', '--stop', '--json']);
    expect(stop.exitCode).toBe(0);
    expect(stop.json()).toMatchObject({ before: { percent: 20 }, outcome: 'done' });
    expect(await flags()).toMatchObject({
      document: { brownout: null, issuance: { percent: 100 }, acceptance: 'both' },
    });
    expect((await crossfade(['brownout', '--stop', '--json'])).json()).toMatchObject({ outcome: 'unchanged' });
  });

  it('is shown by status, history and report, with who began it and what it refused', async () => {
    const { crossfade, sidecar } = await createDrainingWorkplace();
    await crossfade([...START, '--yes', '--reason', 'search'], { env: { CROSSFADE_OPERATOR: 'alice' } });
    const until = new Date(Date.now() + 600_000).toISOString();
    sidecar.status.brownout = { percent: 10, until, refused: 12, stopped: true };
    const line =
      /^ {2}brownout +10% of clients get 401 for their legacy tokens until .*Z \(in (?:9|10)m.*\); begun .* ago\) by alice, because search; 12 requests refused$/m;
    const shown = { percent: 10, operator: 'alice', reason: 'search', refused: 12, stoppedAt: [sidecar.url] };
    for (const verb of ['status', 'history']) {
      const { stdout } = await crossfade([verb]);
      expect(stdout).toMatch(line);
      expect(stdout).toContain(`stopped by itself at ${sidecar.url}`);
    }
    for (const verb of ['status', 'history', 'report'])
      expect((await crossfade([verb, '--json'])).json()).toMatchObject({ brownout: shown });
    await crossfade(['brownout', '--stop', '--yes']);
    for (const verb of ['status', 'history', 'report'])
      expect((await crossfade([verb, '--json'])).json()).toMatchObject({ brownout: null });
  });

  it('is shown without a name where it was written by hand', async () => {
    const until = new Date(Date.now() + 2 * 3_600_000).toISOString();
    const { crossfade } = await createDrainingWorkplace({
      ...DRAINING,
      brownout: { enabled: true, percent: 2, until },
    });
    expect((await crossfade(['status'])).stdout).toMatch(
      /brownout +2% .*; no record tells who began it; how much it refused is unknown\n/,
    );
  });

  it('is shown by status, and ended by --stop, where a hand wrote an end so far ahead that readers ignore it yet', async () => {
    const brownout = { enabled: true, percent: 5, until: new Date(Date.now() + 30 * 86_400_000).toISOString() };
    const { crossfade, flags } = await createDrainingWorkplace({ ...DRAINING, brownout });
    expect((await crossfade(['status'])).stdout).toMatch(
      /brownout +the flags command one of 5% until .*: readers obey it from a day before\. End it: crossfade brownout --stop/,
    );
    expect(await crossfade(['brownout', '--stop'])).toMatchObject({ exitCode: 0 });
    expect(await flags()).toMatchObject({ document: { brownout: null } });
  });

  it.each(['rollback', 'reopen'])('is ended by %s', async (verb) => {
    const { crossfade, flags } = await createDrainingWorkplace();
    await crossfade([...START, '--yes']);
    const result = await crossfade([verb, '--json']);
    expect(result.exitCode).toBe(0);
    expect(await flags()).toMatchObject({ document: { brownout: null, acceptance: 'both' } });
  });
});
