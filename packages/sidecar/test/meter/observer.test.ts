import { type Acceptance, type Judgement, UnavailableError } from '@crossfade/core';
import { createValidator } from '@crossfade/validator';
import { expect, test } from 'vitest';
import { createAcceptanceEvidence } from '../../src/meter/acceptance-evidence.ts';
import { createDurations } from '../../src/meter/durations.ts';
import { createLegacyLog } from '../../src/meter/legacy-log.ts';
import { createMeter } from '../../src/meter/meter.ts';
import { createObserver } from '../../src/meter/observer.ts';
import { createStragglers } from '../../src/meter/stragglers.ts';
import { startIssuer } from '../fixture/issuer.ts';
import { ACCEPTED, rejectedOf } from '../fixture/judgement.ts';
import { createRecordingLog } from '../fixture/log.ts';
import { LEGACY, TARGET as TARGET_API } from '../fixture/testbed.ts';

const TARGET = { ...ACCEPTED, audience: 'target', afterClose: 'accepted' } as const;

const SIDES = { clients: [], legacy: { issuer: 'https://idp.example.com', audience: 'default-api' } };

/** An observer whose validator judges when the test says so. */
function open({ acceptance = 'both' as Acceptance } = {}) {
  const log = createRecordingLog();
  const judgedTokens: (string | undefined)[] = [];
  let conclude: (judgement: Judgement) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const parts = {
    meter: createMeter(),
    durations: createDurations(),
    stragglers: createStragglers({ now: () => 5_000, silenceMs: 86_400_000 }),
    evidence: createAcceptanceEvidence(),
    legacyLog: createLegacyLog(log),
    acceptance: () => acceptance,
    now: () => 5_000,
    validator: {
      judgeHeader: createValidator(SIDES).judgeHeader,
      judge(token: string | undefined) {
        judgedTokens.push(token);
        return new Promise<Judgement>((resolve, reject) => {
          conclude = resolve;
          fail = reject;
        });
      },
    },
  };
  return {
    ...parts,
    log,
    judgedTokens,
    observer: createObserver(parts),
    conclude: (judgement: Judgement) => conclude(judgement),
    fail: (error: unknown) => fail(error),
  };
}

test('judges the tokens of the Bearer and DPoP schemes only', () => {
  const { observer, judgedTokens } = open();
  for (const header of ['Bearer b', 'DPoP d', 'Basic x']) void observer.observe([header]).judge();
  expect(judgedTokens).toEqual(['b', 'd', undefined]);
});

test('counts a request once, when it is judged and settled in either order', async () => {
  const { observer, meter, conclude } = open();
  const first = observer.observe(['Bearer t']);
  const judging = first.judge();
  first.settle();
  expect(meter.audience('legacy').accepted).toBe(0);
  conclude(ACCEPTED);
  await judging;
  expect(meter.audience('legacy').accepted).toBe(1);
  first.settle();
  first.responded(200);
  await first.judge();
  expect(meter.audience('legacy').accepted).toBe(1);

  const second = observer.observe(['Bearer t']);
  const judged = second.judge();
  conclude(ACCEPTED);
  await judged;
  expect(meter.audience('legacy').accepted).toBe(1);
  second.responded(200);
  expect(meter.audience('legacy').accepted).toBe(2);
});

test('does not count a request that never reached the API', async () => {
  const { observer, meter, conclude } = open();
  const observation = observer.observe(['Bearer t']);
  const judging = observation.judge();
  conclude(ACCEPTED);
  await judging;
  expect(meter.audience('legacy').accepted).toBe(0);
});

test('judges the bearer token alone, and once', async () => {
  const { observer, judgedTokens, conclude } = open();
  const observation = observer.observe(['Bearer abc']);
  expect(judgedTokens).toEqual([]);
  const judging = observation.judge();
  conclude(ACCEPTED);
  expect(await judging).toBe(ACCEPTED);
  expect(await observation.judge()).toBe(ACCEPTED);
  void observer.observe(['Basic abc']).judge();
  void observer.observe([]).judge();
  expect(judgedTokens).toEqual(['abc', undefined, undefined]);
});

test.each(['before', 'after'])('compares the judgement with a response that comes %s it', async (order) => {
  const { observer, meter, evidence, conclude } = open();
  const observation = observer.observe([]);
  const judging = observation.judge();
  if (order === 'before') observation.responded(401);
  conclude(TARGET);
  await judging;
  if (order === 'after') observation.responded(401);
  observation.responded(401);
  expect(meter.audience('target').validUnauthorized).toBe(1);
  expect(evidence.accepts('target', 'both')).toBe(false);
});

test('a 401 from the API for a rejected token is no contradiction', async () => {
  const { observer, meter, conclude } = open();
  const observation = observer.observe([]);
  observation.responded(401);
  const judging = observation.judge();
  conclude({ outcome: 'rejected', audience: 'legacy', reason: 'expired' });
  await judging;
  expect(meter.lastValidUnauthorizedMs()).toBeNull();
});

test.each([new UnavailableError('the keys are unavailable'), new Error('a bug')])(
  'counts a request as unavailable when judging fails with %s',
  async (error) => {
    const { observer, meter, durations, fail } = open();
    const observation = observer.observe(['Bearer t']);
    observation.responded(401);
    const judging = observation.judge();
    expect(observer.pending()).toBe(1);
    fail(error);
    expect(await judging).toBeInstanceOf(UnavailableError);
    expect(observer.pending()).toBe(0);
    expect(meter.unavailable()).toBe(1);
    expect(meter.lastValidUnauthorizedMs()).toBeNull();
    expect(durations.histogram('rejected').count).toBe(0);
  },
);

test('notes requests that count as legacy seen in the log and the stragglers, accepted or not', async () => {
  const { observer, stragglers, log, durations, conclude } = open();
  const bridge = { ...ACCEPTED, audience: 'bridge', afterClose: 'accepted' } as const;
  for (const judgement of [ACCEPTED, TARGET, bridge, rejectedOf('legacy', 'wrong_type')]) {
    const observation = observer.observe([]);
    observation.settle();
    const judging = observation.judge();
    conclude(judgement);
    await judging;
  }
  expect(stragglers.list()).toMatchObject([
    { clientId: 'web-app', accepted: 2, rejected: 1, reasons: { bridge: 1, wrong_type: 1 } },
  ]);
  expect(log.lines.map(({ fields }) => fields['reason'])).toEqual([undefined, 'wrong_type']);
  expect(durations.histogram('accepted').count).toBe(3);
});

test('counts further requests as unavailable while 10,000 judgements are pending', async () => {
  const { observer, meter } = open();
  for (let waiting = 0; waiting < 10_000; waiting += 1) void observer.observe(['Bearer t']).judge();
  const next = observer.observe(['Bearer t']);
  next.settle();
  expect(await next.judge()).toBeInstanceOf(UnavailableError);
  expect(observer.pending()).toBe(10_000);
  expect(meter.unavailable()).toBe(1);
});

test('decide counts a request as soon as it is judged, or as unavailable when judging fails', async () => {
  const { observer, meter, conclude, fail } = open();
  const deciding = observer.decide(['Bearer t']);
  expect(meter.audience('legacy').accepted).toBe(0);
  conclude(ACCEPTED);
  expect(await deciding).toBe(ACCEPTED);
  expect(meter.audience('legacy').accepted).toBe(1);
  const failing = observer.decide(['Bearer t']);
  fail(new UnavailableError('keys'));
  expect(await failing).toBeInstanceOf(UnavailableError);
  expect(meter.unavailable()).toBe(1);
  expect(observer.pending()).toBe(0);
});

test('judges and counts a known token synchronously', async () => {
  const issuer = await startIssuer();
  const side = { issuer: issuer.url };
  const validator = createValidator({
    clients: [],
    legacy: { ...side, audience: LEGACY },
    target: { ...side, audience: TARGET_API },
  });
  const { meter, durations, ...parts } = open();
  const observer = createObserver({ ...parts, meter, durations, validator });
  const header = [`Bearer ${await issuer.mint({ aud: LEGACY })}`];

  const first = observer.decide(header);
  expect(first).toBeInstanceOf(Promise);
  expect(observer.pending()).toBe(1);
  expect(await first).toMatchObject({ outcome: 'accepted' });
  expect(observer.pending()).toBe(0);
  expect(observer.decide(header)).toMatchObject({ outcome: 'accepted', audience: 'legacy' });
  expect(meter.audience('legacy').accepted).toBe(2);
  expect(durations.histogram('accepted').count).toBe(2);
  validator.close();
  await issuer.close();
});

test('a validator that throws instead of rejecting makes the request unavailable', async () => {
  const { meter, ...parts } = open();
  const judgeHeader = () => {
    throw new TypeError('a bug');
  };
  const observer = createObserver({ ...parts, meter, validator: { ...parts.validator, judgeHeader } });
  expect(await observer.decide(['Bearer t'])).toBeInstanceOf(UnavailableError);
  expect(meter.unavailable()).toBe(1);
});
