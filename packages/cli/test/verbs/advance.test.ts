import { writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { showDisagreements, startSidecar } from '../fixture/sidecar.ts';
import { createWorkplace, NOW_MS, PLAN } from '../fixture/workplace.ts';

async function createReadyWorkplace(issuance: object = { percent: 10, revision: '3' }) {
  const workplace = await createWorkplace();
  await workplace.writeFlags({
    'issue-target': { enabled: true, ...issuance },
    other: { enabled: true },
  });
  const sidecars = [await startSidecar(workplace.flagsPath), await startSidecar(workplace.flagsPath)];
  await workplace.writePlan({ ...PLAN, gate: { sidecars: sidecars.map(({ url }) => url) } });
  return { ...workplace, sidecars };
}

describe('crossfade advance', () => {
  it('raises the share, leaves other flags unchanged, and ends when every meter shows it', async () => {
    const { crossfade, flags } = await createReadyWorkplace();
    const result = await crossfade(['advance', '--to', '25.5', '--yes', '--json'], { now: () => NOW_MS });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.json()).toMatchObject({
      verb: 'advance',
      outcome: 'done',
      from: { percent: 10, acceptance: 'both' },
      to: { percent: 25.5, acceptance: 'both', phase: 'migrate' },
      revision: '4',
      writtenAt: '2026-03-01T12:00:00.000Z',
      convergedAt: '2026-03-01T12:00:00.000Z',
      pending: [],
    });
    expect(await flags()).toMatchObject({
      document: { issuance: { percent: 25.5, sinceMs: NOW_MS }, features: new Map([['other', true]]) },
    });
  });

  it('shows on a terminal what will change, and accepts y', async () => {
    const { crossfade, flags } = await createReadyWorkplace();
    const result = await crossfade(['advance', '--to', '50'], { reply: 'y', env: { NO_COLOR: '1' } });
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toContain('Go ahead? [y/N]');
    expect(result.stdout).toMatch(/issuance +50% of logins ask for the target audience \(now 10%\)/);
    expect(result.stdout).toMatch(/confirmed +2 of 2 meters show it/);
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 50 } } });
  });

  it.each(['', 'n', 'yesterday'])('changes nothing when the reply is "%s"', async (reply) => {
    const { crossfade, flags } = await createReadyWorkplace();
    const result = await crossfade(['advance', '--to', '50'], { reply });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain('nothing was changed');
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 10, revision: '3' } } });
  });

  it('refuses while one API instance is not known to accept target tokens', async () => {
    const { crossfade, flags, sidecars } = await createReadyWorkplace();
    await sidecars[1]?.close();
    const result = await crossfade(['advance', '--to', '50', '--yes', '--json']);
    expect(result.exitCode).toBe(1);
    expect(result.json()).toMatchObject({
      outcome: 'refused',
      refusals: [{ guard: 'fleet_accepts_target' }],
      missing: [{ meter: sidecars[1]?.url, why: expect.stringContaining('ECONNREFUSED') }],
    });
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 10 } } });
  });

  it('refuses where only tokens with both audiences were seen, and says what proves it', async () => {
    const { crossfade, flags, sidecars } = await createReadyWorkplace();
    for (const { status } of sidecars) {
      status.apiResponses = {
        legacy: { acceptedAt: null, unauthorizedAt: null },
        target: { acceptedAt: null, unauthorizedAt: null },
      };
      status.shown = { legacy: null, target: null };
    }
    const result = await crossfade(['advance', '--to', '50', '--yes']);
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toMatch(
      /refused +fleet_accepts_target: 0 of 2 .*token for the target audience alone.*or let the sidecar enforce, with the keys of target/,
    );
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 10 } } });
    for (const { status } of sidecars) status.shown = { legacy: true, target: true };
    expect(await crossfade(['advance', '--to', '50', '--yes'])).toMatchObject({ exitCode: 0 });
  });

  it('refuses after the API accepted a verified token that the plan refuses since the last step', async () => {
    const { crossfade, sidecars, flags } = await createReadyWorkplace();
    const [first] = sidecars;
    if (first === undefined) throw new Error('two sidecars expected');
    showDisagreements(first.status, { id_token: 2 }, { verifiedMs: 1000 });
    const result = await crossfade(['advance', '--to', '50', '--yes'], { now: () => NOW_MS });
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toMatch(/refused +agrees: the API accepted a verified token that the plan refuses 1s ago/);
    expect(result.stdout).toContain('crossfade runbook disagreements');
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 10 } } });
  });

  it('shows before the question that the API accepts tokens that cannot be verified', async () => {
    const { crossfade, sidecars } = await createReadyWorkplace();
    const [first] = sidecars;
    if (first === undefined) throw new Error('two sidecars expected');
    showDisagreements(first.status, { malformed_token: 2 }, { unverifiedMs: 1000 });
    const now = () => NOW_MS;
    const result = await crossfade(['advance', '--to', '50', '--yes'], { now });
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toMatch(
      /disagreements +the API accepted tokens that cannot be verified \(malformed_token 2;/,
    );
    const json = await crossfade(['advance', '--to', '60', '--yes', '--json'], { now });
    expect(json.json()).toMatchObject({ disagreements: { reasons: { malformed_token: 2 } } });
  });

  it('refuses while one of the APIs answers 401 to valid target tokens, and names it', async () => {
    const { crossfade, sidecars } = await createReadyWorkplace();
    const [, second] = sidecars;
    if (second === undefined) throw new Error('two sidecars expected');
    const at = (agoMs: number) => new Date(NOW_MS - agoMs).toISOString();
    second.status.apiResponses = {
      legacy: { acceptedAt: at(1000), unauthorizedAt: null },
      target: { acceptedAt: at(60_000), unauthorizedAt: at(1000) },
    };
    const result = await crossfade(['advance', '--to', '50', '--yes', '--json'], { now: () => NOW_MS });
    expect(result.exitCode).toBe(1);
    expect(result.json()).toMatchObject({
      refusals: [
        { guard: 'fleet_accepts_target' },
        { guard: 'answers_clean', detail: expect.stringContaining(`${second.url} still refuses target tokens`) },
      ],
    });
  });

  it('is not held up by a 401 that is older than gate.silence', async () => {
    const { crossfade, sidecars } = await createReadyWorkplace();
    for (const { status } of sidecars) {
      const lastWeek = new Date(NOW_MS - 7 * 86_400_000).toISOString();
      const now = new Date(NOW_MS).toISOString();
      status.apiResponses = {
        legacy: { acceptedAt: now, unauthorizedAt: lastWeek },
        target: { acceptedAt: now, unauthorizedAt: lastWeek },
      };
    }
    expect(await crossfade(['advance', '--to', '50', '--yes'], { now: () => NOW_MS })).toMatchObject({ exitCode: 0 });
  });

  it('refuses to lower the share and names crossfade rollback', async () => {
    const { crossfade } = await createReadyWorkplace();
    const result = await crossfade(['advance', '--to', '10', '--yes']);
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toContain('crossfade rollback');
  });

  it('reads the fleet again after the question, which may take a while', async () => {
    const { crossfade, sidecars, flags } = await createReadyWorkplace();
    let reads = 0;
    const result = await crossfade(['advance', '--to', '50', '--yes'], {
      now: () => {
        reads += 1;
        if (reads > 2) for (const { status } of sidecars) status.migration = 'another';
        return NOW_MS;
      },
    });
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toContain('belongs to another migration');
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 10 } } });
  });

  it('ends with 4 and names the meter that is behind, while the change stays written', async () => {
    const { crossfade, writePlan, sidecars, flags } = await createReadyWorkplace();
    const lagging = await startSidecar();
    lagging.status.issuance = { percent: 10, enabled: true };
    await writePlan({ ...PLAN, gate: { sidecars: [...sidecars, lagging].map(({ url }) => url) } });
    const interrupt = new AbortController();
    const pending = crossfade(['advance', '--to', '50', '--yes'], { signal: interrupt.signal, now: () => NOW_MS });
    await expect.poll(flags).toMatchObject({ document: { issuance: { percent: 50 } } });
    interrupt.abort();
    const result = await pending;
    expect(result.exitCode).toBe(4);
    expect(result.stdout).toContain(`${lagging.url}: `);
    expect(result.stderr).toContain('crossfade status');
  });

  it('ends with 5 as soon as another operator moves the switches, and names the move', async () => {
    const { crossfade, writePlan, sidecars, flags } = await createReadyWorkplace();
    const lagging = await startSidecar();
    lagging.status.issuance = { percent: 10, enabled: true };
    await writePlan({ ...PLAN, gate: { sidecars: [...sidecars, lagging].map(({ url }) => url) } });
    const startedMs = performance.now();
    const pending = crossfade(['advance', '--to', '50', '--yes'], { now: () => NOW_MS });
    await expect.poll(flags).toMatchObject({ document: { issuance: { percent: 50 } } });
    const interrupt = new AbortController();
    const rollback = crossfade(['rollback'], { env: { CROSSFADE_OPERATOR: 'bob' }, signal: interrupt.signal });
    const result = await pending;
    interrupt.abort();
    await rollback;
    expect(result.exitCode).toBe(5);
    expect(result.stderr).toMatch(/overtaken before the fleet had shown it: 50% both -> 0% both, rollback by bob/);
    expect(performance.now() - startedMs).toBeLessThan(5000);
  });

  it('leaves a rollback alone that came after the flags were read, and ends with 5', async () => {
    const { crossfade, flags } = await createReadyWorkplace();
    let rollback: ReturnType<typeof crossfade> | undefined;
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const stderr = {
      write(text: string) {
        if (!text.includes('Go ahead?')) return;
        rollback = crossfade(['rollback'], { env: { CROSSFADE_OPERATOR: 'bob' } });
        void rollback.then(() => stdin.end('y\n'));
      },
    };
    const result = await crossfade(['advance', '--to', '50'], { isTerminal: true, stdin, stderr });
    expect(await rollback).toMatchObject({ exitCode: 0 });
    expect(result.exitCode).toBe(5);
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 0 } } });
  });

  it('confirms nothing by the flags of another operator, who moves the switches right after the write', async () => {
    const { crossfade, flagsPath } = await createReadyWorkplace();
    let seen = '';
    const stdout = {
      write(text: string) {
        seen += text;
        if (/ written /.test(text)) writeFileSync(flagsPath, '{"issue-target":{"enabled":false,"revision":"99"}}');
      },
    };
    const result = await crossfade(['advance', '--to', '50', '--yes'], { now: () => NOW_MS, stdout });
    expect(result.exitCode).toBe(5);
    expect(seen).not.toContain('confirmed');
    expect(result.stderr).toContain('overtaken before the fleet had shown it');
  });

  it.each(['0', '-5', '101', '100.001', '1e1', 'half', '0x10', ''])('rejects --to "%s"', async (to) => {
    const { crossfade } = await createWorkplace();
    const result = await crossfade(['advance', '--to', to, '--yes']);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain('--to: ');
  });

  it('requires --yes without a terminal, and --reason with --skip-soak', async () => {
    const { crossfade } = await createWorkplace();
    expect(await crossfade(['advance', '--yes', '--skip-soak'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--reason: is required with --skip-soak'),
    });
    expect(await crossfade(['advance', '--to', '5'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--yes: is required'),
    });
  });

  it('requires a plan that names meters', async () => {
    const { crossfade } = await createWorkplace();
    const result = await crossfade(['advance', '--to', '5', '--yes']);
    expect(result).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('gate: names no meters') });
  });

  it('goes to the next step of the plan without --to, and refuses at 100 %', async () => {
    const { crossfade, sidecars, writePlan } = await createReadyWorkplace();
    const gate = { sidecars: sidecars.map(({ url }) => url) };
    await writePlan({ ...PLAN, steps: [10, 30, 100], gate });
    const result = await crossfade(['advance', '--yes', '--json'], { now: () => NOW_MS });
    expect(result.json()).toMatchObject({ exitCode: 0, from: { percent: 10 }, to: { percent: 30 } });
    const done = await createReadyWorkplace({ percent: 100 });
    const last = await done.crossfade(['advance', '--yes', '--json'], { now: () => NOW_MS });
    expect(last.json()).toMatchObject({ exitCode: 1, refusals: [{ guard: 'forward_only' }] });
  });

  it('keeps a step for gate.soak, and goes on before with --skip-soak', async () => {
    const since = new Date(NOW_MS - 60_000).toISOString();
    const { crossfade } = await createReadyWorkplace({ percent: 10, since });
    const refused = await crossfade(['advance', '--yes', '--json'], { now: () => NOW_MS });
    expect(refused.json()).toMatchObject({
      exitCode: 1,
      refusals: [
        { guard: 'soaked', detail: expect.stringMatching(/1m ago.*kept for 1h.*wait 59m/), runbook: 'migrate' },
      ],
    });
    const argv = ['advance', '--yes', '--skip-soak', '--reason', 'a hotfix is waiting'];
    expect(await crossfade(argv, { now: () => NOW_MS })).toMatchObject({ exitCode: 0 });
    const history = await crossfade(['history', '--json'], { now: () => NOW_MS });
    expect(history.json()).toMatchObject({
      moves: [{ verb: 'advance', reason: 'a hotfix is waiting', skipped: ['soak'] }],
    });
  });

  it('refuses at once while a sidecar reads another store', async () => {
    const { crossfade, sidecars } = await createReadyWorkplace();
    const [first] = sidecars;
    if (first === undefined) throw new Error('two sidecars expected');
    first.status.flags.source = 'appconfig orders/staging/crossfade';
    const result = await crossfade(['advance', '--to', '50', '--yes'], { now: () => NOW_MS });
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toContain(`${first.url} reads another store, appconfig orders/staging/crossfade`);
    expect(result.stdout).not.toContain('waiting');
  });

  it('prints with --dry-run what it would write, asks nothing and writes nothing', async () => {
    const { crossfade, flags } = await createReadyWorkplace();
    const result = await crossfade(['advance', '--to', '25', '--dry-run'], { now: () => NOW_MS });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout).toContain(
      'issue-target {"enabled":true,"percent":25,"revision":"4","since":"2026-03-01T12:00:00.000Z"}',
    );
    expect(result.stdout).toContain('nothing is written');
    const json = await crossfade(['advance', '--to', '10', '--dry-run', '--json'], { now: () => NOW_MS });
    expect(json.json()).toMatchObject({ exitCode: 1, outcome: 'dry-run', refusals: [{ guard: 'forward_only' }] });
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 10, revision: '3' } } });
  });

  it('gives a sidecar that holds another share time to follow, then refuses and names both', async () => {
    const { crossfade, sidecars, writePlan, flags } = await createReadyWorkplace();
    const other = await startSidecar();
    other.status.issuance = { percent: 60, enabled: true };
    other.status.flags.revision = '35';
    await writePlan({ ...PLAN, gate: { sidecars: [...sidecars, other].map(({ url }) => url) } });
    const argv = ['advance', '--to', '50', '--yes'];
    const held = await crossfade(argv, { now: () => NOW_MS });
    expect(held.exitCode).toBe(1);
    expect(held.stdout).toContain(
      `${other.url} still holds another flag document (revision 35, 60% target); the store has 10% target (revision 3)`,
    );
    expect(held.stdout).toMatch(/refused +flags_match: /);
    expect(held.stdout).toMatch(/waiting +for http/);
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 10 } } });
  });

  it('shows its evidence before the question, and in JSON', async () => {
    const since = new Date(NOW_MS - 7_200_000).toISOString();
    const { crossfade, sidecars } = await createReadyWorkplace({ percent: 10, since });
    const counts = { accepted: 500, rejected: 3 };
    for (const { status } of sidecars) {
      status.audiences = {
        legacy: { ...status.audiences.legacy, ...counts },
        target: { ...status.audiences.target, accepted: 100, rejected: 0 },
      };
      status.audiences.legacy.rejected = 3 + 20;
      status.rejections = { wrong_audience: 3, brownout: 20 };
    }
    const text = await crossfade(['advance', '--to', '25', '--dry-run'], { now: () => NOW_MS });
    expect(text.stdout).toMatch(/instances +2 of 2 respond, 2 accept target, 2 hold the flags of the store/);
    expect(text.stdout).toMatch(/401s +0 valid tokens refused by the API since the sidecars started/);
    expect(text.stdout).toMatch(/rejected +6 of 1206 requests \(0.50%\) since the sidecars started/);
    const json = await crossfade(['advance', '--to', '25', '--dry-run', '--json'], { now: () => NOW_MS });
    expect(json.json()).toMatchObject({
      evidence: {
        instances: { expected: 2, responding: 2, acceptingTarget: 2, holdingFlags: 2 },
        step: { validUnauthorized: 0, disagreements: 0, rejections: { requests: 1206, rejected: 6 } },
      },
    });
  });
});
