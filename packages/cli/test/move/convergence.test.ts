import { describe, expect, it } from 'vitest';
import type { Fleet, FleetSnapshot, MeterReading } from '../../src/fleet/fleet.ts';
import { pollIntervalMs } from '../../src/fleet/fleet-evidence.ts';
import { convergenceTimeoutMs, metersBehind, waitForFleet } from '../../src/move/convergence.ts';
import { createReport } from '../../src/verb/report.ts';

const never = { acceptedMs: null, unauthorizedMs: null };
const ACCEPTS = { ...never, commanded: true };

const reading: MeterReading = {
  evidence: {
    meter: 'one',
    watchedSinceMs: 0,
    legacy: { lastSeenMs: null, latestIssuedMs: null, latestExpiryMs: null },
    target: { lastSeenMs: null },
    lastValidUnauthorizedMs: null,
    disagreements: { lastVerifiedMs: null, lastUnverifiedMs: null, reasons: {} },
  },
  sides: { legacy: ACCEPTS, target: ACCEPTS },
  issuancePercent: 0,
  revision: '8',
  flagsSource: null,
  flagsHash: null,
  stale: false,
  validUnauthorized: 0,
  openConnections: null,
  forwardedHeaders: null,
  missingTargetKeys: null,
  upstream: null,
};
const snapshot = (...readings: Partial<MeterReading>[]): FleetSnapshot => ({
  expected: readings.length,
  readings: readings.map((part) => ({ ...reading, ...part })),
  missing: [],
  silent: [],
  openConnections: null,
  drain: { kind: 'metered', meters: [] },
});
const appConfig = {
  source: 'appconfig',
  application: 'a',
  environment: 'e',
  profile: 'p',
  pollIntervalMs: 15_000,
} as const;

const STORE = 'appconfig orders/production/crossfade';
const HELD = { flagsSource: STORE, flagsHash: 'aaaabbbbcccc', revision: '8', issuancePercent: 25 };
const WRITTEN = { revision: '8', percent: 25, store: { source: STORE, hash: 'aaaabbbbcccc' } };
const WRITTEN_FILE = { ...WRITTEN, store: { ...WRITTEN.store, source: 'file /home/alice/flags.json' } };

const minting: Fleet['minting'] = async () => ({ kind: 'unseen' });

describe('metersBehind', () => {
  it.each([
    ['another revision, forward', { revision: '7', issuancePercent: 25 }, { revision: '8', percent: 25 }, 1],
    ['the revision', { issuancePercent: 25 }, { revision: '8', percent: 25 }, 0],
    ['the revision alone', { issuancePercent: null }, { revision: '8', percent: 25 }, 0],
    ["the revision with another share, as another store's", { issuancePercent: 60 }, { revision: '8', percent: 25 }, 1],
    ['the revision, though stale by now', { stale: true }, { revision: '8', percent: 0 }, 0],
    ['the hash, whatever the revision', { ...HELD, revision: '7' }, WRITTEN, 0],
    ['another hash with the same revision and share', { ...HELD, flagsHash: 'other' }, WRITTEN, 1],
    ['the hash, of another store', { ...HELD, flagsSource: 'appconfig orders/staging/crossfade' }, WRITTEN, 1],
    ['the hash, of a file elsewhere', { ...HELD, flagsSource: 'file /etc/flags.json' }, WRITTEN_FILE, 0],
    ['the position of a rollback without its revision', { revision: '13' }, { revision: '8', percent: 0 }, 0],
    ['the same, but stale', { revision: '13', stale: true }, { revision: '8', percent: 0 }, 1],
    ['no issuance at all', { revision: '13', issuancePercent: null }, { revision: '8', percent: 0 }, 1],
    [
      'a closed audience after a reopen',
      { revision: '13', sides: { legacy: { ...never, commanded: false }, target: ACCEPTS } },
      { revision: '8', percent: 0, acceptance: 'both' },
      1,
    ],
  ] as const)('judges a meter that shows %s', (_what, shown, wanted, pending) => {
    expect(metersBehind(snapshot(shown), wanted)).toHaveLength(pending);
  });

  it('has no hope for a meter of another store, and names both stores', () => {
    const elsewhere = { ...HELD, flagsSource: 'appconfig orders/staging/crossfade' };
    expect(metersBehind(snapshot(elsewhere), WRITTEN)).toEqual([
      {
        meter: 'one',
        why: `reads another store, appconfig orders/staging/crossfade (revision 8, 25% target), and not ${STORE}: this change does not reach it`,
        isHopeless: true,
      },
    ]);
  });

  it('waits for unknown meters and for an unknown expected number', () => {
    const wanted = { revision: '8', percent: 0 };
    expect(metersBehind({ ...snapshot({}), expected: 2 }, wanted)).toEqual([
      { meter: 'the fleet', why: '1 of 2 expected meters are known' },
    ]);
    expect(metersBehind({ ...snapshot({}), expected: null }, wanted)).toHaveLength(1);
    const gone = { meter: 'two', legacy: ACCEPTS };
    expect(metersBehind({ ...snapshot({}), expected: 2, silent: [gone] }, wanted)).toEqual([
      { meter: 'the fleet', why: '1 of 2 expected meters are known; silent: two' },
    ]);
  });
});

describe('convergenceTimeoutMs', () => {
  it('is two polls, a margin and the lag of the source', () => {
    const fleet: Fleet = { source: 'Prometheus', lagMs: 60_000, read: async () => snapshot(), minting };
    expect(pollIntervalMs({ flags: appConfig })).toBe(15_000);
    expect(convergenceTimeoutMs({ flags: appConfig }, undefined)).toBe(35_000);
    expect(convergenceTimeoutMs({ flags: appConfig }, fleet)).toBe(95_000);
    expect(convergenceTimeoutMs({ flags: { source: 'file', path: 'flags.json' } }, undefined)).toBe(7000);
  });
});

describe('waitForFleet', () => {
  const open = new AbortController().signal;
  const report = createReport(
    { stdout: { write: () => true }, stderr: { write: () => true }, env: {}, cwd: '/' },
    'text',
  );
  const tools = { report, now: () => 1000, signal: open };

  it('reads until no meter is pending', async () => {
    let reads = 0;
    const fleet: Fleet = {
      source: 'the fleet',
      lagMs: 0,
      read: async () => snapshot({ revision: String(++reads) }),
      minting,
    };
    const pendingIn = ({ readings }: FleetSnapshot) =>
      readings[0]?.revision === '2' ? [] : [{ meter: 'one', why: 'behind' }];
    expect(await waitForFleet(fleet, { timeoutMs: 5000, pendingIn }, tools)).toMatchObject({
      convergedAtMs: 1000,
      meters: 1,
      pending: [],
    });
    expect(reads).toBe(2);
  });

  it('ends after the timeout and returns the pending meters', async () => {
    const fleet: Fleet = { source: 'the fleet', lagMs: 0, read: async () => snapshot({}), minting };
    const pending = [{ meter: 'one', why: 'behind' }];
    expect(await waitForFleet(fleet, { timeoutMs: 1, pendingIn: () => pending }, tools)).toMatchObject({
      convergedAtMs: null,
      pending,
    });
  });

  const still: Fleet = { source: 'the fleet', lagMs: 0, read: async () => snapshot({}), minting };

  it('ends at once when all that is left reads another store', async () => {
    const pending = [{ meter: 'one', why: 'reads another store', isHopeless: true }] as const;
    const { tookMs } = await waitForFleet(still, { timeoutMs: 60_000, pendingIn: () => pending }, tools);
    expect(tookMs).toBeLessThan(5000);
  });

  it('explains why it waits whenever other meters are pending', async () => {
    let text = '';
    const stdout = { write: (part: string) => (text += part) };
    const printing = createReport({ stdout, stderr: { write: () => true }, env: {}, cwd: '/' }, 'text');
    const names = ['one', 'one', 'two'];
    const pendingIn = () => names.splice(0, 1).map((meter) => ({ meter, why: 'refuses' }));
    const explain = ([first]: readonly { meter: string }[]) => `for ${first?.meter}, or not`;
    await waitForFleet(still, { timeoutMs: 30_000, pendingIn, explain }, { ...tools, report: printing });
    expect(text.match(/waiting +for .*/g)).toEqual([
      'waiting        for one, or not',
      'waiting        for two, or not',
    ]);
  });

  it('prints one line without a terminal, however often it reads', async () => {
    let text = '';
    const stdout = { write: (part: string) => (text += part) };
    const printing = createReport({ stdout, stderr: { write: () => true }, env: {}, cwd: '/' }, 'text');
    let left = 4;
    const pendingIn = () => (--left > 0 ? [{ meter: 'one', why: 'behind' }] : []);
    await waitForFleet(still, { timeoutMs: 30_000, pendingIn }, { ...tools, report: printing });
    expect(text).toMatch(/^ +waiting +for one, for up to 30s\n$/);
  });
});
