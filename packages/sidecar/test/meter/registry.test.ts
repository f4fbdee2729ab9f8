import { AUDIENCE_CLASSES, type Side, type SidePlan } from '@crossfade/core';
import type { KeyStatus } from '@crossfade/validator';
import { createDurations, createMeter } from '@crossfade/validator/meter';
import { describe, expect, test } from 'vitest';
import { createRegistry, type RegistryParts } from '../../src/meter/registry.ts';
import { createSettableFlags } from '../fixture/flags.ts';
import { ACCEPTED } from '../fixture/judgement.ts';

const KEYS: KeyStatus[] = [
  { side: 'legacy', ageSeconds: 12, refreshes: { success: 2, failure: 1 } },
  { side: 'target', ageSeconds: null, refreshes: { success: 0, failure: 0 } },
];
const OBSERVATION = {
  clockToleranceMs: 60_000,
  gate: { silenceMs: 7_200_000, coverage: 0.99, blindMs: 300_000 },
};
const PLAN = {
  ...OBSERVATION,
  legacy: { tokenLifetimeMs: 3_600_000, sessionLifetimeMs: 86_400_000 } as SidePlan,
};

function open({
  enforces = false,
  missing = [] as readonly Side[],
  keys = (): readonly KeyStatus[] => KEYS,
  plan = PLAN as RegistryParts['plan'],
  openConnections = undefined as RegistryParts['openConnections'],
} = {}) {
  let isFinal = false;
  const meter = createMeter();
  const durations = createDurations();
  const flags = createSettableFlags();
  const registry = createRegistry({
    migration: 'orders-2026',
    service: 'orders-api',
    meter,
    durations,
    flags,
    enforces,
    seenKeys: { missing: () => missing.map((side) => ({ side, reason: 'it is down' })) },
    validator: {
      acceptance: () => 'target',
      keys,
    },
    plan,
    openConnections,
    process: 'a-run',
    isFinal: () => isFinal,
    startedAtMs: 1_000,
    now: () => 4_000,
    version: '1.2.3',
  });
  const scrape = async () => {
    const samples = new Map<string, string>();
    for (const line of (await registry.metrics()).split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      const at = line.lastIndexOf(' ');
      samples.set(line.slice(0, at), line.slice(at + 1));
    }
    return samples;
  };
  const end = () => {
    isFinal = true;
  };
  return { meter, durations, flags, registry, scrape, end };
}

const CONSTANT = 'migration="orders-2026",service="orders-api"';
const sample = (name: string, labels = '') => `${name}{${labels === '' ? '' : `${labels},`}${CONSTANT}}`;

describe('before the first request', () => {
  test('every series of a counter is present, at 0', async () => {
    const samples = await open().scrape();
    const expected = [
      ...AUDIENCE_CLASSES.map((audience) =>
        sample('crossfade_requests_total', `audience="${audience}",outcome="rejected"`),
      ),
      ...['legacy', 'target', 'bridge'].map((audience) =>
        sample('crossfade_requests_total', `audience="${audience}",outcome="accepted"`),
      ),
      sample('crossfade_last_unavailable_timestamp_seconds'),
      sample('crossfade_last_valid_unauthorized_timestamp_seconds'),
      sample('crossfade_process_final', 'process="a-run"'),
      sample('crossfade_preflights_total'),
      sample('crossfade_after_close_rejections_total'),
      sample('crossfade_unavailable_total', 'cause="keys"'),
      ...['legacy', 'target', 'bridge'].map((audience) =>
        sample('crossfade_valid_unauthorized_total', `audience="${audience}"`),
      ),
      ...['legacy', 'target', 'bridge'].map((audience) =>
        sample('crossfade_last_seen_timestamp_seconds', `audience="${audience}"`),
      ),
      sample('crossfade_latest_issued_timestamp_seconds', 'audience="legacy"'),
      sample('crossfade_latest_expiry_timestamp_seconds', 'audience="legacy"'),
      ...['verified', 'unverified'].map((token) =>
        sample('crossfade_last_disagreement_timestamp_seconds', `token="${token}"`),
      ),
      ...['legacy', 'target'].flatMap((audience) =>
        ['accepted', 'unauthorized'].map((response) =>
          sample('crossfade_api_response_timestamp_seconds', `audience="${audience}",response="${response}"`),
        ),
      ),
    ];
    for (const series of expected) expect(samples.get(series), series).toBe('0');
  });

  test('every series carries the constant labels, and there are fewer than 150', async () => {
    const samples = await open({ enforces: true }).scrape();
    for (const series of samples.keys()) expect(series).toContain(CONSTANT);
    expect(samples.size).toBeLessThan(150);
  });
});

test('every scrape shows what the meter counted', async () => {
  const { meter, scrape } = open();
  meter.count(ACCEPTED, 5_500);
  meter.count({ outcome: 'rejected', audience: 'legacy', reason: 'expired' }, 6_000);
  for (let scrapes = 0; scrapes < 2; scrapes += 1) {
    const samples = await scrape();
    expect(samples.get(sample('crossfade_requests_total', 'audience="legacy",outcome="accepted"'))).toBe('1');
    expect(samples.get(sample('crossfade_requests_total', 'audience="legacy",outcome="rejected"'))).toBe('1');
    expect(samples.get(sample('crossfade_rejections_total', 'reason="expired"'))).toBe('1');
    expect(samples.get(sample('crossfade_after_close_rejections_total'))).toBe('1');
    expect(samples.get(sample('crossfade_last_seen_timestamp_seconds', 'audience="legacy"'))).toBe('5.5');
    expect(samples.get(sample('crossfade_latest_issued_timestamp_seconds', 'audience="legacy"'))).toBe('1000');
    expect(samples.get(sample('crossfade_latest_expiry_timestamp_seconds', 'audience="legacy"'))).toBe('2000');
  }
});

test('shows rejections by reason from the first one on', async () => {
  const { meter, scrape } = open();
  const rejections = async () =>
    [...(await scrape())].filter(([series]) => series.startsWith('crossfade_rejections_total'));
  expect(await rejections()).toEqual([]);
  meter.count({ outcome: 'rejected', audience: 'invalid', reason: 'bad_signature' }, 5_000);
  expect(await rejections()).toEqual([[sample('crossfade_rejections_total', 'reason="bad_signature"'), '1']]);
});

test.each([false, true])(
  'an instance has at most 60 series until something goes wrong (enforces: %s)',
  async (enforces) => {
    const keys = () =>
      (['legacy', 'target'] as const).map((side) => ({ side, ageSeconds: 1, refreshes: { success: 1, failure: 0 } }));
    const { scrape } = open({ enforces, keys, openConnections: () => ({ legacy: 0, target: 0, bridge: 0 }) });
    // The flags of the fixture have failed, too.
    const series = [...(await scrape()).keys()].filter((name) => !/result="(?:failed|refused)"/.test(name));
    expect(series.length).toBeLessThanOrEqual(60);
  },
);

test('shows disagreements by reason from the first one on, and what the API showed', async () => {
  const { meter, scrape } = open();
  const disagreements = async () =>
    [...(await scrape())].filter(([series]) => series.startsWith('crossfade_disagreements_total'));
  expect(await disagreements()).toEqual([]);
  meter.countDisagreement({ audience: 'legacy', reason: 'foreign_audience' }, 5_500, 63);
  meter.noteApiResponse('legacy', 'accepted', 6_500);
  expect(await disagreements()).toEqual([[sample('crossfade_disagreements_total', 'reason="foreign_audience"'), '63']]);
  const samples = await scrape();
  expect(samples.get(sample('crossfade_last_disagreement_timestamp_seconds', 'token="verified"'))).toBe('5.5');
  expect(samples.get(sample('crossfade_api_response_timestamp_seconds', 'audience="legacy",response="accepted"'))).toBe(
    '6.5',
  );
});

test('renders durations as a Prometheus histogram', async () => {
  const { durations, registry, scrape } = open();
  for (const seconds of [0.002, 0.000_1, 7]) durations.observe(seconds);
  const samples = await scrape();
  const name = 'crossfade_judgement_duration_seconds';
  const buckets = [...samples].filter(([series]) => series.startsWith(`${name}_bucket`));
  expect(buckets).toEqual(
    Object.entries({ '0.0001': '1', '0.001': '1', '0.01': '2', '0.1': '2', '1': '2', '+Inf': '3' })
      .toSorted(([one], [other]) => Number(one.replace('+Inf', '9')) - Number(other.replace('+Inf', '9')))
      .map(([le, count]) => [sample(`${name}_bucket`, `le="${le}"`), count]),
  );
  expect(samples.get(sample(`${name}_sum`))).toBe('7.0021');
  expect(samples.get(sample(`${name}_count`))).toBe('3');
  expect(await registry.metrics()).toContain('# TYPE crossfade_judgement_duration_seconds histogram');
});

test('shows the health of flags and keys, without an age for keys that were never fetched', async () => {
  const { flags, scrape } = open();
  expect((await scrape()).get(sample('crossfade_flags_age_seconds'))).toBe('3');
  flags.set({ revision: '7', ageSeconds: 0.5 });
  await scrape();
  flags.set({ revision: '8', source: 'file /flags.json', hash: '0123456789ab' });
  const samples = await scrape();
  expect(samples.get(sample('crossfade_flags_age_seconds'))).toBe('0.5');
  expect([...samples.keys()].filter((series) => series.startsWith('crossfade_flags_info'))).toEqual([
    sample('crossfade_flags_info', 'revision="8",source="file /flags.json",hash="0123456789ab"'),
  ]);
  expect(samples.get(sample('crossfade_flags_refresh_total', 'result="refused"'))).toBe('3');
  expect(samples.get(sample('crossfade_keys_refresh_total', 'side="legacy",result="failure"'))).toBe('1');
  // A result appears with its first one.
  expect(samples.has(sample('crossfade_keys_refresh_total', 'side="target",result="failure"'))).toBe(false);
  expect(samples.get(sample('crossfade_keys_age_seconds', 'side="legacy"'))).toBe('12');
  expect(samples.has(sample('crossfade_keys_age_seconds', 'side="target"'))).toBe(false);
  expect(samples.get(sample('crossfade_build_info', `version="1.2.3",node="${process.version}"`))).toBe('1');
  expect(samples.get(sample('crossfade_issuance_percent'))).toBe('0');
});

test('only a process that enforces reports what it accepts', async () => {
  const observing = await open().scrape();
  expect([...observing.keys()].filter((series) => series.startsWith('crossfade_accepts'))).toEqual([]);
  const enforcing = await open({ enforces: true }).scrape();
  expect(enforcing.get(sample('crossfade_accepts', 'audience="legacy"'))).toBe('0');
  expect(enforcing.get(sample('crossfade_accepts', 'audience="target"'))).toBe('1');
});

test('a process that enforces does not say that it accepts a side whose keys it never had', async () => {
  const series = async (missing: readonly Side[]) =>
    [...(await open({ enforces: true, missing }).scrape())].filter(([name]) => name.startsWith('crossfade_accepts'));
  const legacy = [sample('crossfade_accepts', 'audience="legacy"'), '0'];
  expect(await series(['target'])).toEqual([legacy]);
  // It refuses legacy tokens with or without keys.
  expect(await series(['legacy', 'target'])).toEqual([legacy]);
});

test('tells the windows of the plan in seconds, so that rules need no copied numbers', async () => {
  const samples = await open().scrape();
  const window = (setting: string) => samples.get(sample('crossfade_plan_seconds', `setting="${setting}"`));
  expect(window('drain_window')).toBe(String(7_200 + 3_600 + 60));
  expect(window('session_horizon')).toBe(String(86_400 + 3_600 + 60));
  expect(window('blind')).toBe('300');
  expect(window('clock_tolerance')).toBe('60');
  expect(samples.get(sample('crossfade_plan_coverage_ratio'))).toBe('0.99');
});

test('tells no window of a drain while the plan has no legacy side', async () => {
  const samples = await open({ plan: OBSERVATION }).scrape();
  expect([...samples.keys()].filter((series) => series.startsWith('crossfade_plan_seconds'))).toHaveLength(2);
});

test('tells when the process started, what its clock shows, and when its counts are its last', async () => {
  const { scrape, end } = open();
  const before = await scrape();
  expect(before.get(sample('crossfade_process_start_timestamp_seconds', 'process="a-run"'))).toBe('1');
  expect(before.get(sample('crossfade_clock_timestamp_seconds'))).toBe('4');
  expect(before.get(sample('crossfade_process_final', 'process="a-run"'))).toBe('0');
  end();
  expect((await scrape()).get(sample('crossfade_process_final', 'process="a-run"'))).toBe('1');
});

test('tells when a token last could not be judged, and when the API last refused a valid one', async () => {
  const { meter, scrape } = open();
  meter.countUnavailable(5_000);
  meter.countValidUnauthorized('target', 6_000);
  const samples = await scrape();
  expect(samples.get(sample('crossfade_last_unavailable_timestamp_seconds'))).toBe('5');
  expect(samples.get(sample('crossfade_last_valid_unauthorized_timestamp_seconds'))).toBe('6');
});
