import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MigrationPlan, parsePlan } from '@crossfade/core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Issuer, LEGACY, startIssuer, TARGET } from '../real/fixture/issuer.ts';
import { PATHS } from './behaviours.ts';
import { APIS, type Door, type DoorRequest, openSidecar } from './doors.ts';

const BOTH = { 'issue-target': { enabled: true, percent: 25, revision: '7' }, 'accept-legacy': { enabled: true } };
const CLOSED = { 'issue-target': { enabled: true, percent: 100 }, 'accept-legacy': { enabled: false } };

/** How the migration stands, and whether the issuer of the target side responds. */
const STATES = {
  'both audiences are open': { flags: BOTH, isTargetDown: false },
  'legacy is closed': { flags: CLOSED, isTargetDown: false },
  "the target's issuer is down": { flags: BOTH, isTargetDown: true },
};

const PREFLIGHT: DoorRequest = {
  method: 'OPTIONS',
  path: '/orders',
  headers: { origin: 'https://shop.example.com', 'access-control-request-method': 'GET' },
};

/** A sidecar that enforces, and an API that judges by itself, show the same to a reader of their metrics. */
describe.each(Object.entries(STATES))('while %s', (_, { flags, isTargetDown }) => {
  let folder: string;
  let issuer: Issuer;
  let plan: MigrationPlan;
  let requests: readonly DoorRequest[];
  let expected: ReadonlyMap<string, unknown>;
  let statuses: readonly number[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crossfade-metering-'));
    await writeFile(join(folder, 'flags.json'), JSON.stringify(flags));
    issuer = await startIssuer();
    const other = isTargetDown ? await startIssuer() : issuer;
    plan = planOf(issuer.url, other.url, join(folder, 'flags.json'));
    requests = await requestsOf(issuer, other);
    if (isTargetDown) await other.close();
    const sidecar = await openSidecar(plan);
    [statuses, expected] = await measure(sidecar, requests);
  });
  afterAll(async () => {
    await issuer?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('the sidecar counts something of every kind', () => {
    const count = (name: string) =>
      [...expected].filter(([series]) => series.startsWith(name)).reduce((sum, [, value]) => sum + Number(value), 0);
    expect(count('crossfade_requests_total')).toBe(requests.length - 2);
    expect(count('crossfade_preflights_total')).toBe(2);
    expect(count('crossfade_rejections_total')).toBeGreaterThan(8);
    expect(count('crossfade_unavailable_total') > 0).toBe(isTargetDown);
    expect(count('crossfade_valid_unauthorized_total')).toBeGreaterThan(0);
    expect([...expected].filter(([, value]) => value === 'a time').length).toBeGreaterThan(5);
  });

  it.each(Object.keys(APIS))('%s responds alike, and shows the same series with the same values', async (name) => {
    const open = APIS[name];
    if (open === undefined) throw new Error(`no API is called ${name}`);
    const [own, shown] = await measure(await open(plan), requests);
    expect(own).toEqual(statuses);
    expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(expected));
  });
});

function planOf(legacy: string, target: string, path: string): MigrationPlan {
  return parsePlan({
    version: 1,
    migration: 'orders-2026',
    clients: ['mobile-app'],
    legacy: { issuer: legacy, audience: LEGACY, tokenLifetime: '1h', sessionLifetime: '30d' },
    target: { issuer: target, audience: TARGET, tokenLifetime: '15m' },
    flags: { source: 'file', path },
    gate: { silence: '24h' },
  });
}

/** Every class of token, each on every path and with a plain `OPTIONS`; and two preflights. */
async function requestsOf(legacy: Issuer, target: Issuer): Promise<readonly DoorRequest[]> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const tokens = await Promise.all([
    legacy.mint(LEGACY),
    target.mint(TARGET),
    legacy.mint(LEGACY, { aud: [LEGACY, TARGET] }),
    legacy.mint('https://api.example.com/payments'),
    legacy.mint(LEGACY, { exp: nowSeconds - 300 }),
    legacy.mint(LEGACY, { nbf: nowSeconds + 3600 }),
    legacy.forge(LEGACY),
    target.mint(TARGET, { cnf: { jkt: 'of-a-key-that-is-not-shown' } }),
  ]);
  const bearers = [...tokens, 'SlAV32hkKG-7b1aXq0Zc', 'x.y.z'].map((token) => ({ authorization: `Bearer ${token}` }));
  const headers = [...bearers, {}, { authorization: 'Basic YWxpY2U6c2VjcmV0' }];
  const onEachPath = headers.flatMap((each) => PATHS.map((path) => ({ method: 'GET', path, headers: each })));
  const options = headers.map((each) => ({ method: 'OPTIONS', path: '/orders', headers: each }));
  return [...onEachPath, ...options, PREFLIGHT, PREFLIGHT];
}

/** Sends the requests one after the other. @returns the statuses, and the series that a scrape shows then. */
async function measure(door: Door, requests: readonly DoorRequest[]) {
  try {
    const statuses: number[] = [];
    for (const request of requests) statuses.push(await door.send(request));
    // What the last response says counts once it is over, a moment after the client has it.
    let text = '';
    await vi.waitFor(async () => {
      const before = text;
      text = await door.metrics();
      expect(comparable(text)).toEqual(comparable(before));
    });
    return [statuses, comparable(text)] as const;
  } finally {
    await door.close();
  }
}

/** Differs from run to run, but for whether it is there and above 0. */
const TIMES =
  /^crossfade_(last_\w+_timestamp|api_response_timestamp|process_start_timestamp|clock_timestamp|flags_age|keys_age)_seconds/;
/** Depends on how long judging took, and on how often keys were asked for. */
const VARIES = /^crossfade_(judgement_duration_seconds_(bucket\{le="[^+]|sum)|keys_refresh_total)/;
/** What only a proxy sees, and what is born when the flags are polled for the second time. */
const LEFT_OUT = /^crossfade_(open_connections|flags_refresh_total\{result="unchanged")/;

/** The series by name, without what no two runs have in common. */
function comparable(text: string): ReadonlyMap<string, unknown> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const series = lines.map((line): [string, unknown] => {
    const at = line.lastIndexOf(' ');
    const name = line.slice(0, at).replace(/process="[^"]+"/, 'process="a run"');
    const value = Number(line.slice(at + 1));
    if (VARIES.test(name)) return [name, 'varies'];
    return [name, TIMES.test(name) && value > 0 ? 'a time' : value];
  });
  return new Map(series.filter(([name]) => !LEFT_OUT.test(name)).sort());
}
