import { type Acceptance, type Judgement, UnavailableError } from '@crossfade/core';
import { createValidator } from '@crossfade/validator';
import { expect, test } from 'vitest';
import { createAcceptanceEvidence } from '../../src/meter/acceptance-evidence.ts';
import { createDurations } from '../../src/meter/durations.ts';
import { createLegacyLog } from '../../src/meter/legacy-log.ts';
import { createMeter } from '../../src/meter/meter.ts';
import { createObserver } from '../../src/meter/observer.ts';
import { createStragglers } from '../../src/meter/stragglers.ts';
import { LEGACY, TARGET as TARGET_API } from '../fixture/house.ts';
import { startIssuer } from '../fixture/issuer.ts';
import { ACCEPTED } from '../fixture/judgement.ts';
import { createRecordingLog } from '../fixture/log.ts';

const TARGET = { ...ACCEPTED, audience: 'target', afterClose: 'accepted' } as const;

const SIDES = { legacy: { issuer: 'https://idp.example.com', audience: 'default-api' } };

/** An observer whose judge is told what to say, and when. */
function open({ acceptance = 'both' as Acceptance } = {}) {
  const log = createRecordingLog();
  const asked: (string | undefined)[] = [];
  let conclude: (judgement: Judgement) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const parts = {
    meter: createMeter(),
    durations: createDurations(),
    stragglers: createStragglers(),
    evidence: createAcceptanceEvidence(),
    legacyLog: createLegacyLog(log),
    acceptance: () => acceptance,
    now: () => 5_000,
    validator: {
      judgeHeader: createValidator(SIDES).judgeHeader,
      judge(token: string | undefined) {
        asked.push(token);
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
    asked,
    observer: createObserver(parts),
    conclude: (judgement: Judgement) => conclude(judgement),
    fail: (error: unknown) => fail(error),
  };
}

test('judges the token of either scheme, and no other', () => {
  const { observer, asked } = open();
  for (const header of ['Bearer b', 'DPoP d', 'Basic x']) void observer.observe([header]).judge();
  expect(asked).toEqual(['b', 'd', undefined]);
});

test('counts when judged and settled, in either order, once', async () => {
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

test('does not count what never reached the API', async () => {
  const { observer, meter, conclude } = open();
  const observation = observer.observe(['Bearer t']);
  const judging = observation.judge();
  conclude(ACCEPTED);
  await judging;
  expect(meter.audience('legacy').accepted).toBe(0);
});

test('judges once, the bearer token alone', async () => {
  const { observer, asked, conclude } = open();
  const observation = observer.observe(['Bearer abc']);
  expect(asked).toEqual([]);
  const judging = observation.judge();
  conclude(ACCEPTED);
  expect(await judging).toBe(ACCEPTED);
  expect(await observation.judge()).toBe(ACCEPTED);
  void observer.observe(['Basic abc']).judge();
  void observer.observe([]).judge();
  expect(asked).toEqual(['abc', undefined, undefined]);
});

test.each(['before', 'after'])('compares with an answer that comes %s the judgement', async (order) => {
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

test('a rejected token that the API answers 401 is no contradiction', async () => {
  const { observer, meter, conclude } = open();
  const observation = observer.observe([]);
  observation.responded(401);
  const judging = observation.judge();
  conclude({ outcome: 'rejected', audience: 'legacy', reason: 'expired' });
  await judging;
  expect(meter.lastValidUnauthorizedMs()).toBeNull();
});

test.each([new UnavailableError('the keys can not be had'), new Error('a bug')])(
  'counts %s as unavailable',
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

test('notes legacy requests for the log and the stragglers, and no others', async () => {
  const { observer, stragglers, log, durations, conclude } = open();
  for (const judgement of [ACCEPTED, TARGET, { ...ACCEPTED, audience: 'bridge' as const }]) {
    const observation = observer.observe([]);
    observation.settle();
    const judging = observation.judge();
    conclude(judgement);
    await judging;
  }
  expect(stragglers.list()).toMatchObject([{ clientId: 'web-app', accepted: 1 }]);
  expect(log.lines).toHaveLength(1);
  expect(durations.histogram('accepted').count).toBe(3);
});

test('keeps no more than 10,000 judgements waiting: the next ones could not be judged, and are counted so', async () => {
  const { observer, meter } = open();
  for (let waiting = 0; waiting < 10_000; waiting += 1) void observer.observe(['Bearer t']).judge();
  const next = observer.observe(['Bearer t']);
  next.settle();
  expect(await next.judge()).toBeInstanceOf(UnavailableError);
  expect(observer.pending()).toBe(10_000);
  expect(meter.unavailable()).toBe(1);
});

test('counts what is decided here as soon as it is judged, and what can not be judged too', async () => {
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

test('a known token is judged on the spot, and counts by then', async () => {
  const issuer = await startIssuer();
  const side = { issuer: issuer.url };
  const validator = createValidator({
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

test('a judge that throws instead of rejecting changes no request either', async () => {
  const { meter, ...parts } = open();
  const judgeHeader = () => {
    throw new TypeError('a fault');
  };
  const observer = createObserver({ ...parts, meter, validator: { ...parts.validator, judgeHeader } });
  expect(await observer.decide(['Bearer t'])).toBeInstanceOf(UnavailableError);
  expect(meter.unavailable()).toBe(1);
});
