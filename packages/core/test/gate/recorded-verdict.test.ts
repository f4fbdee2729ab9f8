import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DRAIN_CHECKS, type DrainCheckName } from '../../src/gate/drain-check.ts';
import { drainWindowMs, sessionHorizonMs } from '../../src/gate/drain-verdict.ts';
import { BAD_MOMENTS, type RecordedDrain, type RecordedWindows } from '../../src/gate/recorded-drain.ts';
import { recordedVerdict } from '../../src/gate/recorded-verdict.ts';
import { recordedTrouble } from '../../src/gate/recorded-watch.ts';
import { parsePlan } from '../../src/plan/plan-schema.ts';
import type { Issuance } from '../../src/vocabulary/switch-position.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const now = Date.parse('2026-11-21T00:00:00Z');
const plan = parsePlan({
  version: 1,
  migration: 'orders',
  legacy: { issuer: 'https://idp.example.com', audience: 'old', tokenLifetime: '1h', sessionLifetime: '7d' },
  target: { issuer: 'https://idp.example.com', audience: 'new' },
  clients: [],
  clockTolerance: '5s',
  flags: { source: 'file', path: 'flags.json' },
  gate: { silence: '24h', coverage: 0.99, blind: '5m' },
});
const window = drainWindowMs(plan);
const horizon = sessionHorizonMs(plan);
const windows: RecordedWindows = {
  drainWindowMs: window,
  sessionHorizonMs: horizon,
  clockToleranceMs: 5000,
  blindMs: 5 * MINUTE,
  coverage: 0.99,
};
const full: Issuance = { enabled: true, percent: 100, revision: '9', sinceMs: now - 20 * DAY };
const everyCheck = Object.fromEntries(DRAIN_CHECKS.map((name) => [name, true])) as Record<DrainCheckName, boolean>;

const drained: RecordedDrain = {
  checks: everyCheck,
  last: {
    ...Object.fromEntries(BAD_MOMENTS.map((what) => [what, null])),
    legacy_seen: now - 9 * DAY,
    legacy_issued: now - 9 * DAY,
    legacy_expiry: now - 9 * DAY + HOUR,
  },
  silent: [],
  watchedSinceMs: now - 40 * DAY,
  debtMs: 0,
  unwatchedShare: 0,
  losses: 0,
  services: [],
  moreServices: 0,
  slowClocks: [],
  windows,
  disagreementReasons: {},
  rules: { evaluatedMs: now - 10_000 },
};

interface Change extends Partial<Omit<RecordedDrain, 'checks' | 'last' | 'windows'>> {
  readonly checks?: Partial<Record<DrainCheckName, boolean | undefined>>;
  readonly last?: Partial<RecordedDrain['last']>;
  readonly windows?: Partial<RecordedWindows> | null;
}

function recordedWith(change: Change): RecordedDrain {
  const checks = Object.fromEntries(
    Object.entries({ ...everyCheck, ...change.checks }).filter(([, passes]) => passes !== undefined),
  ) as RecordedDrain['checks'];
  return {
    ...drained,
    ...change,
    checks,
    last: { ...drained.last, ...change.last },
    windows: change.windows === null ? null : { ...windows, ...change.windows },
  };
}

function judge(change: Change = {}, issuance: Issuance = full, ofPlan = plan) {
  const verdict = recordedVerdict({ issuance, recorded: recordedWith(change) }, ofPlan, now);
  const checkOf = (name: DrainCheckName) => {
    const found = verdict.checks.find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`no check named ${name}`);
    return found;
  };
  return { ...verdict, checkOf };
}

function check(name: DrainCheckName, change: Change = {}, issuance: Issuance = full, ofPlan = plan) {
  return judge(change, issuance, ofPlan).checkOf(name);
}

function unknown(name: DrainCheckName): Change {
  return { checks: { [name]: undefined } };
}

describe('recordedVerdict', () => {
  it('passes when every check of the rules is 1 and the store agrees, and explains each in a sentence', () => {
    const verdict = judge();
    expect(verdict.verdict).toBe('pass');
    expect(verdict).not.toHaveProperty('notes');
    expect(verdict.checks.map(({ name }) => name)).toEqual(DRAIN_CHECKS);
    expect(verdict.checks.every(({ verdict: of, detail }) => of === 'pass' && detail.length > 10)).toBe(true);
    expect(verdict.earliestPassMs).toBe(now);
    expect(verdict.checkOf('watched').detail).toBe('the fleet is watched for 40d; the longest window is 7d 1h');
    expect(verdict.checkOf('silence').detail).toBe('the last legacy token was seen 9d ago; the window is 1d 1h');
    expect(verdict.checkOf('coverage').detail).toBe(
      '99% or more of the expected instances of every service are watched',
    );
  });

  it('passes for a fleet that never saw a legacy token', () => {
    const never = { legacy_seen: null, legacy_issued: null, legacy_expiry: null };
    const verdict = judge({ last: never, watchedSinceMs: null }, { ...full, sinceMs: null });
    expect(verdict.verdict).toBe('pass');
    expect(verdict.checkOf('silence').detail).toBe('no legacy token was seen');
    expect(verdict.checkOf('sessions').detail).toBe('no legacy token that was seen was issued');
    expect(verdict.checkOf('watched').detail).toBe('the fleet was watched for 7d 1h or longer');
  });

  const moment = fc.option(fc.integer({ min: now - 60 * DAY, max: now }), { nil: null });
  const anyRecorded = fc.record({
    passing: fc.array(fc.constantFrom(true, true, true, true, true, true, true, false, undefined), {
      minLength: DRAIN_CHECKS.length,
      maxLength: DRAIN_CHECKS.length,
    }),
    drainedNow: fc.boolean(),
    last: fc.dictionary(fc.constantFrom(...BAD_MOMENTS), moment),
    watchedSinceMs: moment,
    debtMs: fc.option(fc.integer({ min: 0, max: HOUR }), { nil: null }),
    losses: fc.nat(3),
    silent: fc.array(fc.constant('legacy_seen'), { maxLength: 1 }),
    services: fc.array(
      fc.record({
        service: fc.constantFrom('orders', 'carts'),
        expected: fc.option(fc.nat(5), { nil: null }),
        watched: fc.nat(6),
        blind: fc.nat(2),
        targetLastSeenMs: moment,
      }),
      { maxLength: 2 },
    ),
    age: fc.constantFrom(0, 5 * MINUTE, 5 * MINUTE + 1),
    percent: fc.constantFrom(100, 100, 100, 99.99),
    enabled: fc.constantFrom(true, true, true, false),
    sinceMs: fc.constantFrom(null, now - horizon, now - horizon + 1, now - window + 1, now - 40 * DAY),
  });

  it('passes if and only if crossfade:drained:bool is 1, the rules are evaluated, and the store agrees', () => {
    let passed = 0;
    fc.assert(
      fc.property(anyRecorded, ({ passing, drainedNow, age, percent, enabled, sinceMs, ...rest }) => {
        const each = DRAIN_CHECKS.map((name, index) => [name, drainedNow ? true : passing[index]] as const);
        const recorded = {
          ...recordedWith({ checks: Object.fromEntries(each) }),
          ...rest,
          rules: { evaluatedMs: now - age },
        };
        // What the rule of crossfade:drained:bool says of these checks.
        const isDrained = each.every(([, passes]) => passes === true);
        const agrees = enabled && percent === 100 && (sinceMs === null || now - sinceMs >= horizon);
        const issuance = { enabled, percent, revision: null, sinceMs };
        const { verdict, checks } = recordedVerdict({ issuance, recorded }, plan, now);
        expect(verdict === 'pass').toBe(isDrained && agrees && age <= 5 * MINUTE);
        const fails = !agrees || each.some(([, passes]) => passes === false);
        expect(verdict === 'fail').toBe(fails);
        expect(checks.every(({ detail }) => detail.length > 10 && !/NaN|undefined|Infinity/.test(detail))).toBe(true);
        if (verdict === 'pass') passed += 1;
      }),
      { numRuns: 2000, seed: 18 },
    );
    expect(passed).toBeGreaterThan(100);
  });

  describe('issuance', () => {
    it.each([
      { ...full, percent: 99.99 },
      { ...full, enabled: false, percent: 0 },
    ])('fails while the store commands $percent%', (issuance) => {
      expect(check('issuance', {}, issuance)).toMatchObject({ verdict: 'fail', passesAtMs: null });
    });

    it('fails while a meter holds flags of less, and is inconclusive while none tells', () => {
      expect(check('issuance', { checks: { issuance: false } })).toMatchObject({
        verdict: 'fail',
        detail: expect.stringContaining('a meter holds flags of less'),
      });
      expect(check('issuance', unknown('issuance')).verdict).toBe('inconclusive');
    });
  });

  describe('coverage', () => {
    const service = { service: 'orders-api', expected: 10, watched: 8, blind: 0, targetLastSeenMs: now };

    it.each([
      [{ services: [service] }, 'orders-api: 8 of 10 expected instances are watched'],
      [
        { services: [service, { ...service, service: 'carts', watched: 0 }], moreServices: 35 },
        'orders-api: 8 of 10 expected instances are watched; carts: 0 of 10 expected instances are watched; and 35 more services',
      ],
      [
        { services: [service], moreServices: 1 },
        'orders-api: 8 of 10 expected instances are watched; and 1 more service',
      ],
      [
        { services: [{ ...service, expected: null }] },
        'orders-api: 8 instances are watched, and how many to expect is unknown: record crossfade:expected_instances:sum for it, which counts about 5 minutes after its first value',
      ],
      [{ services: [{ ...service, expected: 0 }] }, 'orders-api: 0 instances are expected, and 8 are watched'],
      [{ silent: ['legacy_seen', 'issuance'] }, /^no meter tells of legacy_seen, issuance, .*upgrade them$/],
      [{}, /how many instances to expect may be unknown/],
      [
        { services: [{ ...service, expected: 200, watched: 199 }] },
        'orders-api: 199 of 200 expected instances are watched',
      ],
      [
        { services: [{ ...service, watched: 12 }] },
        /^orders-api: 12 of 10 expected instances are watched: one that counts twice may hide one that is missing: /,
      ],
      [{ services: [{ ...service, watched: 10, blind: 1 }] }, /how many instances to expect may be unknown/],
    ])('is inconclusive with the reason: %j', (change, detail) => {
      expect(check('coverage', { ...change, ...unknown('coverage') })).toEqual({
        name: 'coverage',
        verdict: 'inconclusive',
        detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
        passesAtMs: null,
      });
    });

    it('passes with services that lag within what the plan tolerates, unless this plan wants more than the meters', () => {
      const services = [{ ...service, expected: 200, watched: 199 }];
      expect(check('coverage', { services }).verdict).toBe('pass');
      const strict = { ...plan, gate: { ...plan.gate, coverage: 1 } };
      expect(check('coverage', { services }, full, strict)).toMatchObject({
        verdict: 'inconclusive',
        detail: 'orders-api: 199 of 200 expected instances are watched',
      });
      expect(check('coverage', {}, full, strict).verdict).toBe('pass');
    });
  });

  describe('watched', () => {
    it.each([
      [undefined, ''],
      [
        { because: 'missing', services: ['orders-api', 'carts'] } as const,
        ', because instances of orders-api, carts were missing until then',
      ],
      [
        { because: 'stopped', forMs: 20 * MINUTE } as const,
        ', because the recording rules were not evaluated for 20m until then',
      ],
      [{ because: 'first' } as const, ', when it was recorded for the first time'],
    ])('is inconclusive while the watch is young, and says when it began and why: %j', (watchBegan, why) => {
      const watchedSinceMs = now - 2 * HOUR;
      const change = { watchedSinceMs, ...(watchBegan !== undefined && { watchBegan }), ...unknown('watched') };
      expect(check('watched', change)).toEqual({
        name: 'watched',
        verdict: 'inconclusive',
        detail: `the fleet is watched without a gap since 2026-11-20T22:00:00Z (2h ago)${why}; the longest window is 7d 1h`,
        passesAtMs: watchedSinceMs + horizon,
      });
    });

    it('is inconclusive while more was not watched than coverage and blind allow, and says when that is paid back', () => {
      const found = check('watched', { debtMs: 6 * MINUTE, ...unknown('watched') });
      expect(found.detail).toBe(
        'what was not watched outran what gate.coverage (99%) allows by 6m, and gate.blind allows 5m',
      );
      expect(found.passesAtMs).toBeCloseTo(now + 100 * MINUTE, -1);
    });

    it('names no time where a coverage of 100% never pays back', () => {
      const change = {
        debtMs: 6 * MINUTE,
        watchedSinceMs: now - HOUR,
        windows: { coverage: 1 },
        ...unknown('watched'),
      };
      expect(check('watched', change)).toMatchObject({ passesAtMs: null, detail: expect.stringContaining('; ') });
    });

    it('is inconclusive where the rules do not know the watch', () => {
      expect(check('watched', unknown('watched')).detail).toBe('the recording rules do not know the watch yet');
    });

    it('counts the longer of the meters plans and this one', () => {
      const longer = { ...plan, legacy: { ...plan.legacy, sessionLifetimeMs: 41 * DAY } };
      const { checkOf, notes } = judge({}, full, longer);
      expect(checkOf('watched')).toMatchObject({ verdict: 'inconclusive', passesAtMs: now + DAY + HOUR + 5000 });
      expect(notes).toEqual([
        'this plan and the plans of the meters differ: session horizon 41d 1h here, 7d 1h there: the stricter one of both counts',
      ]);
      const blind = { ...plan, gate: { ...plan.gate, blindMs: MINUTE } };
      expect(check('watched', { debtMs: 2 * MINUTE }, full, blind).verdict).toBe('inconclusive');
      expect(check('watched', {}, full, blind).verdict).toBe('pass');
    });
  });

  describe('silence', () => {
    it.each([
      ['legacy_seen', 'the last legacy token was seen 1h ago; the window is 1d 1h'],
      ['legacy_counted', 'a legacy token was last counted 1h ago; the window is 1d 1h'],
      ['after_close_counted', 'a token that a close would refuse was last accepted 1h ago; the window is 1d 1h'],
      ['unjudged', 'a token that may have been legacy could last not be judged 1h ago; the window is 1d 1h'],
      ['issuance_below_100', 'a meter last held flags of less than 100% 1h ago; the window is 1d 1h'],
    ] as const)('fails within the window after %s', (what, detail) => {
      const change = { checks: { silence: false }, last: { [what]: now - HOUR } };
      expect(check('silence', change)).toEqual({
        name: 'silence',
        verdict: 'fail',
        detail,
        passesAtMs: now - HOUR + window,
      });
    });

    it('fails within the window after issuance moved, which the store alone knows', () => {
      const justFull = { ...full, sinceMs: now - HOUR };
      expect(check('silence', {}, justFull)).toMatchObject({
        verdict: 'fail',
        detail: 'issuance reached 100% 1h ago; the window is 1d 1h',
        passesAtMs: now - HOUR + window,
      });
      expect(check('silence', unknown('silence'), justFull).verdict).toBe('fail');
    });

    it('fails within the longer window of this plan', () => {
      const longer = { ...plan, gate: { ...plan.gate, silenceMs: 10 * DAY } };
      expect(check('silence', {}, full, longer)).toMatchObject({
        verdict: 'fail',
        passesAtMs: now + DAY + HOUR + 5000,
      });
    });

    it('counts the longer window of the meters, and says so', () => {
      const change = { checks: { silence: false }, windows: { drainWindowMs: 10 * DAY } };
      expect(check('silence', change)).toMatchObject({ verdict: 'fail', passesAtMs: now + DAY });
      expect(judge(change).notes).toEqual([expect.stringContaining('drain window 1d 1h here, 10d there')]);
    });

    it('is inconclusive while no meter tells, and fails with the name of the series where nothing explains a 0', () => {
      expect(check('silence', unknown('silence'))).toMatchObject({
        verdict: 'inconclusive',
        detail: 'no meter tells when a legacy token was last seen',
      });
      const change = { checks: { silence: false }, last: { legacy_seen: null } };
      expect(check('silence', change, { ...full, sinceMs: null }).detail).toBe(
        'the recording rules say no (crossfade:drain_check:bool{check="silence"} is 0)',
      );
    });
  });

  describe('expiry', () => {
    it('fails while a legacy token that was seen is valid, and says for how long', () => {
      const change = { checks: { expiry: false }, last: { legacy_expiry: now + HOUR } };
      expect(check('expiry', change)).toMatchObject({
        verdict: 'fail',
        detail: 'a legacy token that was seen stays valid for 1h 5s',
        passesAtMs: now + HOUR + 5000,
      });
    });

    it('fails within the longer tolerance of this plan', () => {
      const tolerant = { ...plan, clockToleranceMs: 10 * MINUTE };
      expect(check('expiry', { last: { legacy_expiry: now - MINUTE } }, full, tolerant).verdict).toBe('fail');
      expect(check('expiry', { last: { legacy_expiry: now - HOUR } }, full, tolerant).verdict).toBe('pass');
      expect(check('expiry', { last: { legacy_expiry: null } }, full, tolerant).verdict).toBe('pass');
    });

    it('is inconclusive while no meter tells, and fails where nothing explains a 0', () => {
      expect(check('expiry', unknown('expiry')).verdict).toBe('inconclusive');
      expect(check('expiry', { checks: { expiry: false } }).detail).toContain('check="expiry"');
    });
  });

  describe('sessions', () => {
    it('fails until the horizon after the last issuance that there may have been has passed', () => {
      const change = { checks: { sessions: false }, last: { unjudged: now - DAY } };
      expect(check('sessions', change)).toMatchObject({
        verdict: 'fail',
        detail:
          'a token that may have been legacy could last not be judged 1d ago: the last legacy issuance that there may have been; its sessions and tokens live 7d 1h',
        passesAtMs: now - DAY + horizon,
      });
      const justFull = { ...full, sinceMs: now - 2 * DAY };
      expect(check('sessions', {}, justFull)).toMatchObject({ verdict: 'fail', passesAtMs: now - 2 * DAY + horizon });
      expect(check('sessions', unknown('sessions')).verdict).toBe('inconclusive');
    });
  });

  describe('target_traffic', () => {
    it('is inconclusive while instances see no target token, and names their services', () => {
      const service = { expected: 10, watched: 10, targetLastSeenMs: now - MINUTE };
      const services = [
        { service: 'orders-api', blind: 3, ...service },
        { service: 'carts', blind: 0, ...service },
        { service: 'admin', blind: 0, ...service, targetLastSeenMs: null },
        { service: 'nightly', blind: 10, ...service, targetLastSeenMs: now - 2 * DAY },
        { service: 'images', expected: 2, watched: 2, blind: 1 },
      ];
      expect(check('target_traffic', { services, ...unknown('target_traffic') })).toEqual({
        name: 'target_traffic',
        verdict: 'inconclusive',
        detail:
          'no target token was seen within 1d 1h by 3 of 10 instances of orders-api, any instance of admin, any instance of nightly, 1 of 2 instances of images: each may be blind, or idle: send it a request with a real target token',
        passesAtMs: null,
      });
      expect(check('target_traffic', unknown('target_traffic')).detail).toBe(
        'no meter tells whether it sees target tokens',
      );
    });
  });

  describe('answers', () => {
    it('fails within the window after the API refused a valid token, whatever the store says', () => {
      const change = { checks: { answers: false }, last: { valid_unauthorized: now - HOUR } };
      const justFull = { ...full, sinceMs: now - MINUTE };
      expect(check('answers', change, justFull)).toMatchObject({
        verdict: 'fail',
        detail: 'the API last refused a valid token 1h ago; the window is 1d 1h',
        passesAtMs: now - HOUR + window,
      });
      expect(check('answers', {}, justFull)).toMatchObject({
        verdict: 'pass',
        detail: 'the API refused no valid token',
      });
      expect(check('answers', unknown('answers')).verdict).toBe('inconclusive');
    });
  });

  describe('disagreements', () => {
    it('fails after one of a verified token, with the reasons and what to do', () => {
      const change = {
        checks: { disagreements: false },
        last: { verified_disagreement: now - HOUR, unverified_disagreement: now - MINUTE },
        disagreementReasons: { foreign_audience: 63, malformed_token: 9 },
      };
      expect(check('disagreements', change)).toMatchObject({
        verdict: 'fail',
        detail: expect.stringMatching(
          /verified tokens that the plan refuses \(foreign_audience 63; last 1h ago; .*stragglers/,
        ),
        passesAtMs: now - MINUTE + window,
      });
    });

    it('is inconclusive after one of a token that cannot be verified, or while no meter tells', () => {
      const change = {
        last: { unverified_disagreement: now - MINUTE },
        disagreementReasons: { malformed_token: 9 },
        ...unknown('disagreements'),
      };
      expect(check('disagreements', change)).toMatchObject({
        verdict: 'inconclusive',
        detail: expect.stringMatching(/cannot be verified \(malformed_token 9; last 1m ago; .*publicPaths/),
        passesAtMs: now - MINUTE + window,
      });
      expect(check('disagreements', unknown('disagreements'))).toMatchObject({
        verdict: 'inconclusive',
        detail: expect.stringContaining('upgrade the sidecars'),
      });
      expect(check('disagreements', { checks: { disagreements: false } }).detail).toContain('check="disagreements"');
    });

    it('counts the longer window of this plan', () => {
      const longer = { ...plan, gate: { ...plan.gate, silenceMs: 10 * DAY } };
      const of = (last: Change['last'] = {}) => check('disagreements', { last }, full, longer).verdict;
      expect(of({ verified_disagreement: now - 9 * DAY })).toBe('fail');
      expect(of({ unverified_disagreement: now - 9 * DAY })).toBe('inconclusive');
      expect(of()).toBe('pass');
    });
  });

  it.each(['coverage', 'watched', 'target_traffic'] as const)('fails where %s is recorded as 0', (name) => {
    const services = [{ service: 'orders-api', expected: 2, watched: 1, blind: 1, targetLastSeenMs: now }];
    const change = { checks: { [name]: false }, services, watchedSinceMs: now - HOUR };
    expect(check(name, change)).toMatchObject({ verdict: 'fail', passesAtMs: null });
    expect(check(name, { checks: { [name]: false } }).verdict).toBe('fail');
  });

  describe('without the rules', () => {
    const none = { checks: Object.fromEntries(DRAIN_CHECKS.map((name) => [name, undefined])), windows: null, last: {} };

    it.each([
      ['not_loaded', /no recorded series of it: load deploy\/prometheus\/crossfade\.rules\.yml \(crossfade doctor\)$/],
      [
        'half_loaded',
        /only some of the recorded series .*load deploy\/prometheus\/crossfade\.rules\.yml .*whole file$/,
      ],
      ['old_sidecars', /\(crossfade_plan_seconds\).*older release: upgrade them$/],
      ['no_meters', /knows no meter of this migration: check the scrape jobs/],
    ] as const)('is inconclusive with one reason for every check: %s', (missing, detail) => {
      const { verdict, checks, notes } = judge({ ...none, rules: { missing } });
      expect(verdict).toBe('inconclusive');
      expect(new Set(checks.map((each) => each.detail)).size).toBe(1);
      expect(checks[0]?.detail).toMatch(detail);
      expect(notes).toBeUndefined();
    });

    it('fails all the same by what the store alone knows', () => {
      const { verdict, checkOf } = judge({ ...none, rules: { missing: 'not_loaded' } }, { ...full, percent: 50 });
      expect(verdict).toBe('fail');
      expect(checkOf('issuance').verdict).toBe('fail');
      expect(checkOf('silence').verdict).toBe('inconclusive');
    });

    it('is inconclusive once they were not evaluated for longer than blind', () => {
      expect(judge({ rules: { evaluatedMs: now - 5 * MINUTE } }).verdict).toBe('pass');
      const late = judge({ rules: { evaluatedMs: now - 20 * MINUTE } });
      expect(late.verdict).toBe('inconclusive');
      expect(late.checkOf('expiry').detail).toBe(
        'the recording rules were last evaluated 20m ago, and gate.blind is 5m: see why they are not any more (crossfade doctor)',
      );
      expect(judge({ ...none, rules: { evaluatedMs: now - MINUTE } }).checkOf('expiry').detail).toBe(
        'the recording rules were last evaluated 1m ago, and record nothing now: see why they are not any more (crossfade doctor)',
      );
    });
  });

  describe('notes', () => {
    it.each([
      [{ losses: 1 }, '1 process ended unscraped: what it counted after its last scrape is known from its log alone'],
      [
        { losses: 2 },
        '2 processes ended unscraped: what they counted after their last scrape is known from their logs alone',
      ],
      [{ unwatchedShare: 0.0032 }, '0.3% of instance-time was not watched'],
      [{ unwatchedShare: 0.0001 }, 'less than 0.1% of instance-time was not watched'],
      [
        { slowClocks: [{ service: 'carts', byMs: 180_000 }] },
        'the clock of a meter is slow (carts 3m): what it sees counts as later by as much: synchronise it',
      ],
    ])('state what changes no verdict: %j', (change, note) => {
      expect(judge(change)).toMatchObject({ verdict: 'pass', notes: [note] });
      expect(judge({ unwatchedShare: null })).not.toHaveProperty('notes');
    });

    it('state that plans differ, coverage and all, and which one counts', () => {
      const { notes } = judge({ windows: { coverage: 0.95, blindMs: 10 * MINUTE } });
      expect(notes).toEqual([
        'this plan and the plans of the meters differ: gate.blind 5m here, 10m there; gate.coverage 99% here, 95% there: the stricter one of both counts',
      ]);
    });

    it('state connections that legacy tokens opened', () => {
      const evidence = { issuance: full, recorded: drained, openConnections: { legacy: 2, bridge: 0 } };
      expect(recordedVerdict(evidence, plan, now)).toMatchObject({
        verdict: 'pass',
        notes: [expect.stringMatching(/^2 connections opened with legacy tokens are still open/)],
      });
    });
  });
});

describe('why the rules tell nothing of now', () => {
  const at = (rules: RecordedDrain['rules'], more: Partial<RecordedDrain> = {}) =>
    recordedTrouble({ ...drained, rules, ...more }, plan, now);

  it.each([
    ['they are not loaded', at({ missing: 'not_loaded' }), /load deploy/],
    ['one level is not', at({ missing: 'half_loaded' }), /only some of the recorded series/],
    ['they were last evaluated longer ago than gate.blind', at({ evaluatedMs: now - 6 * MINUTE }), /6m ago/],
    [
      "they were, by the meters' own gate.blind",
      at({ evaluatedMs: now - 2 * MINUTE }, { windows: { ...windows, blindMs: MINUTE } }),
      /2m ago/,
    ],
    ['no meter tells its plan any more', at({ evaluatedMs: now }, { windows: null }), /record nothing now/],
  ])('is said where %s', (_what, trouble, text) => {
    expect(trouble).toMatch(text);
  });

  it('is nothing where they do, and where meters are missing or older', () => {
    expect(at({ evaluatedMs: now - MINUTE })).toBeUndefined();
    expect(at({ missing: 'no_meters' })).toBeUndefined();
    expect(at({ missing: 'old_sidecars' })).toBeUndefined();
  });
});
