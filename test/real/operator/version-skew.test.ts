import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type FlagDocument, parsePlan, type SwitchChange } from '@crossfade/core';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startIssuer } from '../fixture/issuer.ts';
import { type PrometheusProgram, startPrometheusOf } from '../fixture/prometheus-program.ts';
import { execute, missing } from '../fixture/real-part.ts';
import { startSidecarProgram } from '../fixture/sidecar-program.ts';
import { oldRelease, type Packages, packagesOf } from './fixture/old-release.ts';
import { type OperatedFleet, startOperatedFleet } from './fixture/operated-fleet.ts';

/** Programs and packages one release apart. What each pairing comes to is the table of docs/upgrading.md. */

const ROOT = resolve(import.meta.dirname, '../../..');
const PAGE = join(ROOT, 'docs/upgrading.md');
const OLD = oldRelease() ?? '';
const ROOTS = { old: OLD, new: ROOT };
const hasPrometheus = !missing('prometheus');
const POLLING = { timeout: 60_000, interval: 250 };

/** A minute or two each: `CROSSFADE_LONG=1` plays them, too. */
const LONG_PAIRINGS = [
  ['new', ['old', 'old']],
  ['new', ['old', 'old', 'new', 'new']],
] as const;

/** The rows of the table, by pairing. */
const rows = new Map<string, string>();

describe.skipIf(OLD === '')('one release apart', () => {
  afterAll(() => {
    const page = readFileSync(PAGE, 'utf8');
    for (const [pairing, outcome] of rows) expect(page).toContain(`\n| ${pairing} | ${outcome} |\n`);
  });

  const PAIRINGS: readonly (readonly ['old' | 'new', readonly ('old' | 'new')[]])[] = [
    ['old', ['new', 'new']],
    ['new', ['old', 'new']],
    ...(process.env['CROSSFADE_LONG'] === undefined ? [] : LONG_PAIRINGS),
  ];

  describe.each(PAIRINGS)('the %s CLI with sidecars and APIs %j', (cli, releases) => {
    it('makes a whole migration, with a rollback in the middle and one after the close', async () => {
      const fleet = await startOperatedFleet({
        ...{ instances: releases.length, gate: 'sidecars', gateSettings: { soak: undefined, silence: '15s' } },
        roots: releases.map((release) => ROOTS[release]),
      });
      onTestFinished(() => fleet.remove());
      const sidecars = fleet.instances.map(({ sidecar }) => sidecar);
      const rules = hasPrometheus
        ? await Promise.all((['old', 'new'] as const).map((release) => startPrometheusOf(ROOTS[release], sidecars)))
        : [];
      onTestFinished(async () => void (await Promise.all(rules.map((one) => one.remove()))));
      const isNew = releases.every((release) => release === 'new');
      const outcome = await migrate(fleet, ROOTS[cli], { rules, isNew });
      rows.set(`${cli} CLI, sidecars and APIs ${releases.join(', ')}`, outcome);
    }, 300_000);
  });

  const CHANGES: readonly (readonly [string, SwitchChange, Partial<Record<'percent' | 'acceptance', unknown>>])[] = [
    ['an advance', { issuance: { percent: 25 } }, { percent: 25, acceptance: 'both' }],
    ['100 %', { issuance: { percent: 100 } }, { percent: 100, acceptance: 'both' }],
    ['a close', { acceptance: 'target' }, { percent: 100, acceptance: 'target' }],
    ['a reopening', { acceptance: 'both' }, { percent: 100, acceptance: 'both' }],
    ['a rollback', { issuance: { percent: 0 } }, { percent: 0, acceptance: 'both' }],
  ];

  it.each([
    ['new', 'old'],
    ['old', 'new'],
  ] as const)('what the %s CLI writes, the %s reader obeys', async (writing, reading) => {
    const [writer, reader] = [await packagesOf(ROOTS[writing]), await packagesOf(ROOTS[reading])];
    const document = await openDocument(writer, reader);
    for (const [name, change, expected] of CHANGES) {
      await document.write(change);
      await vi.waitFor(() => expect(positionOf(document.read()), name).toMatchObject(expected), POLLING);
    }
    if (writing === 'new') {
      // An old reader knows no brownout: it takes legacy as before, and nothing else changes.
      await document.write({ issuance: { percent: 100 } });
      await document.write({ brownout: { percent: 25, untilMs: Date.now() + 600_000 } });
      await vi.waitFor(
        () => expect(positionOf(document.read())).toMatchObject({ percent: 100, acceptance: 'both' }),
        POLLING,
      );
      expect(document.problem()).toBeUndefined();
      expect(document.hasFeature('new-dashboard')).toBe(true);
    }
    rows.set(
      `document of the ${writing} CLI, ${reading} flags and validator`,
      `obeyed: ${CHANGES.map(([name]) => name).join(', ')}${writing === 'new' ? '; a brownout refuses none of its tokens' : ''}`,
    );
  });

  it.each([
    ['old', 'new'],
    ['new', 'old'],
  ] as const)('what an API with the %s library reports, the %s collector counts', async (sending, collecting) => {
    const issuer = await startIssuer();
    onTestFinished(() => issuer.close());
    const collector = await startSidecarProgram({
      ...{ issuer: issuer.url, mode: 'proxy', root: ROOTS[collecting] },
      sidecar: { mode: 'collect', listen: undefined },
    });
    onTestFinished(() => collector.remove());
    const { createCollectorSender } = await packagesOf(ROOTS[sending]);
    const validator = { acceptance: () => 'both' as const };
    const sender = createCollectorSender({ url: collector.adminUrl, validator, intervalMs: 20 });
    const nowSeconds = Math.floor(Date.now() / 1000);
    const times = { clientId: 'web-app', issuedAt: nowSeconds, expiresAt: nowSeconds + 600 };
    sender.record({ outcome: 'accepted', audience: 'legacy', afterClose: 'rejected', ...times }, { status: 200 });
    const isNew = sending === 'new';
    if (isNew) sender.record(brownedOut(times));
    expect(await sender.flush()).toBe(true);
    expect(sender.status()).toMatchObject({ counted: isNew ? 2 : 1, lost: 0 });
    const { audiences } = await collector.status();
    expect(audiences['legacy']).toMatchObject({ accepted: 1, rejected: isNew ? 1 : 0 });
    await sender.close();
    rows.set(
      `${sending} library in the API, ${collecting} collector`,
      isNew ? 'counted, none lost; a refusal by a brownout counts as `legacy_closed`' : 'counted, none lost',
    );
  });

  it('an old program refuses a plan with settings that it does not know, and names each', () => {
    const folder = mkdtempSync(join(tmpdir(), 'crossfade-skew-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const plan = { ...PLAN, steps: [5, 100], sunset: '2099-01-01', gate: { soak: '15m' } };
    writeFileSync(
      join(folder, 'crossfade.yaml'),
      JSON.stringify({ ...plan, sidecar: { service: 'orders', upstream: 'http://127.0.0.1:2' } }),
    );
    writeFileSync(join(folder, 'flags.json'), '{}');
    for (const program of ['packages/cli/bin/crossfade.js', 'packages/sidecar/bin/crossfade-sidecar.js']) {
      const words = program.includes('cli') ? ['status'] : [];
      const { code, output } = execute(
        process.execPath,
        [join(OLD, program), ...words, '--config', 'crossfade.yaml'],
        folder,
      );
      expect(code, output).toBe(2);
      for (const setting of ['steps', 'sunset', 'gate.soak'])
        expect(output).toContain(`${setting}: is not a known setting`);
    }
    rows.set(
      'plan with `steps`, `sunset` or `gate.soak`, old CLI or sidecar',
      'does not start: exit code 2, and each setting is named',
    );
  });
});

const PLAN = {
  ...{ version: 1, migration: 'orders-2026', clients: [], flags: { source: 'file', path: './flags.json' } },
  legacy: { issuer: 'https://idp.example.com', audience: 'a' },
  target: { issuer: 'https://idp.example.com', audience: 'b' },
};

/** Makes the moves of a migration, and returns what came of them. */
async function migrate(
  fleet: OperatedFleet,
  cli: string,
  { rules, isNew }: { readonly rules: readonly PrometheusProgram[]; readonly isNew: boolean },
): Promise<string> {
  const run = (...argv: readonly string[]) => fleet.crossfadeOf(cli, ...argv);
  const said: string[] = [];
  const move = async (name: string, ...argv: readonly string[]) => {
    const { code, stdout, stderr } = await run(...argv);
    said.push(`${name} ${code}`);
    return { code, output: stdout + stderr };
  };
  const probe = async (side: 'legacy' | 'target') => Promise.all(fleet.instances.map(({ request }) => request(side)));
  const untilDone = (...argv: readonly string[]) =>
    vi.waitFor(async () => {
      await probe('target');
      const { code, stdout, stderr } = await run(...argv);
      expect(code, stdout + stderr).toBe(0);
    }, POLLING);

  await vi.waitFor(async () => {
    await probe('target');
    expect((await run('status')).stdout).toContain('orders-2026: expand');
  }, POLLING);
  await move('status', 'status');
  await untilDone('advance', '--to', '25', '--yes');
  said.push('advance 0');
  expect((await move('rollback', 'rollback')).code).toBe(0);
  await untilDone('advance', '--to', '25', '--yes');
  await untilDone('advance', '--to', '100', '--yes');
  const traffic = fleet.startTraffic(['target']);
  await untilDone('gate');
  said.push('gate 0');
  const [oldRules, newRules] = rules;
  const isDrained = async (one: PrometheusProgram | undefined) => (await one?.value('crossfade:drained:bool')) === 1;
  await vi.waitFor(async () => expect(await isDrained(oldRules)).toBe(true), POLLING);
  said.push('drained by old rules');
  // Older sidecars do not tell their plan: they are not watched.
  if (isNew) await vi.waitFor(async () => expect(await isDrained(newRules)).toBe(true), POLLING);
  said.push((await isDrained(newRules)) ? 'drained by new rules' : 'not drained by new rules');
  const close = await move('close', 'close', '--yes', '--legacy', 'default-api');
  if (close.code === 0)
    await vi.waitFor(async () => expect(new Set(await probe('legacy'))).toEqual(new Set([401])), POLLING);
  const { code, output } = await move('rollback after the close', 'rollback');
  if (cli === ROOT) expect(code, output).toBe(0);
  await vi.waitFor(async () => expect(new Set(await probe('legacy'))).toEqual(new Set([200])), POLLING);
  await traffic.stop();
  return said.join(', ');
}

function brownedOut(times: { clientId: string; issuedAt: number; expiresAt: number }) {
  return {
    ...({ outcome: 'rejected', audience: 'legacy', reason: 'brownout' } as const),
    token: { ...times, expired: false, afterClose: 'rejected' as const },
  };
}

function positionOf({ issuance, acceptance }: Pick<FlagDocument, 'issuance' | 'acceptance'>) {
  return { percent: issuance.percent, acceptance };
}

/** A flag file that one release writes, and another one reads. */
async function openDocument(writing: Packages, reading: Packages) {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-skew-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'flags.json');
  writeFileSync(path, JSON.stringify({ 'new-dashboard-public': { enabled: true } }));
  const { flags } = parsePlan({ ...PLAN, flags: { source: 'file', path } });
  const writer = await writing.openFlagWriter(flags);
  const source = await reading.openFlagSource(flags);
  onTestFinished(() => void source.close());
  const acceptance = reading.acceptanceSwitch(source);
  const features = reading.createFeatureAccess({ flags: source });
  return {
    write: async (change: SwitchChange) => writer.write(change, await writer.read(), 'planned'),
    read: () => ({ ...source.snapshot().document, acceptance: acceptance() }),
    problem: () => source.snapshot().problem,
    hasFeature: (feature: string) => features.hasAccess({ roles: [], role: 'beta', feature }),
  };
}
