import {
  type Acceptance,
  type Judgement,
  REJECTION_REASONS,
  type RejectedJudgement,
  UnavailableError,
} from '@crossfade/core';
import { createValidator } from '@crossfade/validator';
import { createDurations, createMeter } from '@crossfade/validator/meter';
import { describe, expect, test } from 'vitest';
import type { RawFields } from '../../src/http/raw-fields.ts';
import { readGrpcTrailers, readResponseHead } from '../../src/http/response-reader.ts';
import { createForeignAudiences } from '../../src/meter/foreign-audiences.ts';
import { createLegacyLog } from '../../src/meter/legacy-log.ts';
import { createObserver, withoutEvidence } from '../../src/meter/observer.ts';
import { createOpenConnections } from '../../src/meter/open-connections.ts';
import { createStragglers } from '../../src/meter/stragglers.ts';
import { startIssuer } from '../fixture/issuer.ts';
import { ACCEPTED, rejectedOf } from '../fixture/judgement.ts';
import { createRecordingLog } from '../fixture/log.ts';
import { LEGACY, TARGET as TARGET_API } from '../fixture/testbed.ts';

const TARGET = { ...ACCEPTED, audience: 'target', afterClose: 'accepted' } as const;

const CLIENT = { destroy() {} };

const SIDES = { clients: [], legacy: { issuer: 'https://idp.example.com', audience: 'default-api' } };

/** An observer whose validator judges when the test says so. */
function open({ acceptance = 'both' as Acceptance } = {}) {
  const log = createRecordingLog();
  const judgedTokens: (string | undefined)[] = [];
  let conclude: (judgement: Judgement) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const stragglers = createStragglers({ now: () => 5_000, silenceMs: 86_400_000 });
  const parts = {
    meter: createMeter(),
    durations: createDurations(),
    stragglers,
    connections: createOpenConnections({ stragglers, endsRefused: () => false }),
    foreignAudiences: createForeignAudiences([LEGACY, TARGET_API]),
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
  first.responded('taken', CLIENT);
  await first.judge();
  expect(meter.audience('legacy').accepted).toBe(1);

  const second = observer.observe(['Bearer t']);
  const judged = second.judge();
  conclude(ACCEPTED);
  await judged;
  expect(meter.audience('legacy').accepted).toBe(1);
  second.responded('taken', CLIENT);
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
  const { observer, meter, conclude } = open();
  const observation = observer.observe([]);
  const judging = observation.judge();
  if (order === 'before') observation.responded('refused', CLIENT);
  conclude(TARGET);
  await judging;
  if (order === 'after') observation.responded('refused', CLIENT);
  observation.responded('refused', CLIENT);
  expect(meter.audience('target').validUnauthorized).toBe(1);
  expect(meter.apiResponseMs('target', 'unauthorized')).toBe(5_000);
});

test('a 401 from the API for a rejected token is no contradiction', async () => {
  const { observer, meter, conclude } = open();
  const observation = observer.observe([]);
  observation.responded('refused', CLIENT);
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
    observation.responded('refused', CLIENT);
    const judging = observation.judge();
    expect(observer.pending()).toBe(1);
    fail(error);
    expect(await judging).toBeInstanceOf(UnavailableError);
    expect(observer.pending()).toBe(0);
    expect(meter.unavailable()).toBe(1);
    expect(meter.lastValidUnauthorizedMs()).toBeNull();
    expect(durations.histogram().count).toBe(0);
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
  expect(durations.histogram().count).toBe(4);
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
  expect(durations.histogram().count).toBe(2);
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

/** Judges one request, to which the API responds before or after that. */
async function exchange(
  parts: ReturnType<typeof open>,
  judgement: Judgement,
  [status, headers = [], trailers = []]: readonly [number, RawFields?, RawFields?],
  order: 'response first' | 'judgement first' = 'response first',
) {
  const observation = parts.observer.observe([]);
  const respond = () => {
    observation.responded(readResponseHead(status, headers), CLIENT);
    observation.ended(readGrpcTrailers(trailers));
  };
  if (order === 'response first') respond();
  const judging = observation.judge();
  parts.conclude(judgement);
  await judging;
  if (order === 'judgement first') respond();
}

const GRPC = ['Content-Type', 'application/grpc'];
const OPAQUE = { outcome: 'rejected', audience: 'opaque', reason: 'malformed_token' } as const;

describe.each(['response first', 'judgement first'] as const)('with the %s', (order) => {
  test.each<[string, Judgement, readonly [number, RawFields?, RawFields?]]>([
    ['a verified token, and 200', rejectedOf('legacy', 'foreign_audience'), [200]],
    ['an expired token, and 204', rejectedOf('legacy', 'expired', { expired: true }), [204]],
    ['a foreign token, and 101', rejectedOf('foreign', 'wrong_audience'), [101]],
    ['an opaque token, and 200', OPAQUE, [200]],
    ['an opaque token, and gRPC status 0', OPAQUE, [200, GRPC, ['grpc-status', '0']]],
    ['an opaque token, and gRPC status 0 in the header section', OPAQUE, [200, [...GRPC, 'Grpc-Status', '0']]],
  ])('%s is a disagreement', async (_case, judgement, response) => {
    const parts = open();
    await exchange(parts, judgement, response, order);
    const { reason, token } = judgement as RejectedJudgement;
    expect(parts.meter.disagreements(reason)).toBe(1);
    expect(parts.meter.lastDisagreementMs(token === undefined ? 'unverified' : 'verified')).toBe(5_000);
    expect(parts.meter.lastDisagreementMs(token === undefined ? 'verified' : 'unverified')).toBeNull();
    expect(parts.stragglers.list().map(({ rejected }) => rejected)).toEqual(token === undefined ? [] : [1]);
    expect(parts.meter.lastValidUnauthorizedMs()).toBeNull();
  });

  test.each<[string, Judgement, readonly [number, RawFields?, RawFields?]]>([
    ['no token, and 200', { outcome: 'rejected', audience: 'none', reason: 'missing_token' }, [200]],
    ['an opaque token, and 401', OPAQUE, [401]],
    ['an opaque token, and a redirect', OPAQUE, [302]],
    ['an opaque token, and 404', OPAQUE, [404]],
    ['an opaque token, and 503', OPAQUE, [503]],
    ['an opaque token, and 403', OPAQUE, [403]],
    ['an opaque token, and gRPC status 16', OPAQUE, [200, GRPC, ['grpc-status', '16']]],
    ['an opaque token, and gRPC status 7', OPAQUE, [200, GRPC, ['grpc-status', '7']]],
    ['an opaque token, and gRPC without a status', OPAQUE, [200, GRPC]],
    ['a valid token, and 200', ACCEPTED, [200]],
    ['a valid token, and 401', ACCEPTED, [401]],
  ])('%s is no disagreement', async (_case, judgement, response) => {
    const parts = open();
    await exchange(parts, judgement, response, order);
    expect(REJECTION_REASONS.map((reason) => parts.meter.disagreements(reason)).some((count) => count > 0)).toBe(false);
    expect([parts.meter.lastDisagreementMs('verified'), parts.meter.lastDisagreementMs('unverified')]).toEqual([
      null,
      null,
    ]);
  });

  test.each<[string, readonly [number, RawFields?, RawFields?], 'accepted' | 'unauthorized' | 'unclear']>([
    ['200', [200], 'accepted'],
    ['101', [101], 'accepted'],
    ['gRPC status 0', [200, GRPC, ['grpc-status', '0']], 'accepted'],
    ['401', [401], 'unauthorized'],
    ['gRPC status 16', [200, GRPC, ['grpc-status', '16']], 'unauthorized'],
    ['403 with invalid_token', [403, ['WWW-Authenticate', 'Bearer error="invalid_token"']], 'unauthorized'],
    ['403', [403], 'unclear'],
    ['404', [404], 'unclear'],
    ['302', [302], 'unclear'],
    ['500', [500], 'unclear'],
  ])('%s to a valid token shows whether the API takes its side: %o is %s', async (_case, response, shown) => {
    const parts = open();
    await exchange(parts, TARGET, response, order);
    const { meter } = parts;
    expect(meter.audience('target').validUnauthorized).toBe(shown === 'unauthorized' ? 1 : 0);
    expect(meter.apiResponseMs('target', 'accepted')).toBe(shown === 'accepted' ? 5_000 : null);
    expect(meter.apiResponseMs('target', 'unauthorized')).toBe(shown === 'unauthorized' ? 5_000 : null);
    expect(meter.apiResponseMs('legacy', 'accepted')).toBeNull();
  });
});

test('an API that takes a closed legacy token shows that it takes legacy, and disagrees', async () => {
  const parts = open({ acceptance: 'target' });
  await exchange(parts, rejectedOf('legacy', 'legacy_closed'), [200]);
  expect(parts.meter.apiResponseMs('legacy', 'accepted')).toBe(5_000);
  expect(parts.meter.disagreements('legacy_closed')).toBe(1);
});

test('a response to a bridge token shows nothing about a side, and a refusal still counts', async () => {
  const parts = open();
  await exchange(parts, { ...ACCEPTED, audience: 'bridge' }, [200]);
  await exchange(parts, { ...ACCEPTED, audience: 'bridge' }, [401]);
  expect(parts.meter.audience('bridge').validUnauthorized).toBe(1);
  for (const side of ['legacy', 'target'] as const) {
    expect(parts.meter.apiResponseMs(side, 'accepted')).toBeNull();
    expect(parts.meter.apiResponseMs(side, 'unauthorized')).toBeNull();
  }
});

test('a response that was cut off before its trailers shows nothing', async () => {
  const { observer, meter, conclude } = open();
  const observation = observer.observe([]);
  observation.responded('in_trailers', CLIENT);
  const judging = observation.judge();
  conclude(rejectedOf('legacy', 'wrong_type'));
  await judging;
  expect(meter.audience('legacy').rejected).toBe(1);
  expect(meter.disagreements('wrong_type')).toBe(0);
});

test.each([
  ['before', 'stream'],
  ['after', 'stream'],
  ['before', 'in_trailers'],
  ['after', 'in_trailers'],
] as const)('a connection is open once it is judged %s the head (%s), until its first end', async (order, head) => {
  const { observer, connections, conclude } = open();
  const observation = observer.observe([]);
  const judge = async () => {
    const judging = observation.judge();
    conclude(ACCEPTED);
    await judging;
  };
  if (order === 'before') await judge();
  expect(connections.counts().legacy).toBe(0);
  observation.responded(head, CLIENT);
  if (order === 'after') await judge();
  observation.responded(head, CLIENT);
  expect(connections.counts()).toEqual({ legacy: 1, target: 0, bridge: 0 });
  observation.ended('unclear');
  observation.ended('taken');
  expect(connections.counts().legacy).toBe(0);
});

test('a connection that ends before its token is judged, or before its head, was never open', async () => {
  const { observer, connections, conclude } = open();
  const early = observer.observe([]);
  early.responded('stream', CLIENT);
  early.ended('unclear');
  const judging = early.judge();
  conclude(ACCEPTED);
  await judging;
  const gone = observer.observe([]);
  const judged = gone.judge();
  conclude(ACCEPTED);
  await judged;
  gone.ended('unclear');
  gone.responded('stream', CLIENT);
  expect(connections.counts().legacy).toBe(0);
});

test('a stream whose token cannot be judged is none of a token, and a usual response is no stream', async () => {
  const { observer, connections, conclude, fail } = open();
  const unjudged = observer.observe([]);
  unjudged.responded('stream', CLIENT);
  const judging = unjudged.judge();
  fail(new UnavailableError('down'));
  await judging;
  unjudged.ended('unclear');
  const usual = observer.observe([]);
  usual.responded('taken', CLIENT);
  const judged = usual.judge();
  conclude(ACCEPTED);
  await judged;
  expect(connections.counts()).toEqual({ legacy: 0, target: 0, bridge: 0 });
});

test('only the first response of a request counts', async () => {
  const { observer, meter, conclude } = open();
  const observation = observer.observe([]);
  const judging = observation.judge();
  conclude(OPAQUE);
  await judging;
  observation.responded('in_trailers', CLIENT);
  observation.responded('taken', CLIENT);
  observation.ended('taken');
  observation.ended('taken');
  expect(meter.disagreements('malformed_token')).toBe(1);
});

test('a response of a route that needs no token proves nothing, and its request counts', async () => {
  const { observer, meter, stragglers, conclude } = open();
  const exchanges = [
    [rejectedOf('target', 'wrong_type'), 200],
    [OPAQUE, 200],
    [TARGET, 401],
    [TARGET, 200],
  ] as const;
  for (const [judgement, status] of exchanges) {
    const observation = withoutEvidence(observer.observe([]));
    observation.responded(readResponseHead(status, []), CLIENT);
    observation.ended('unclear');
    const judging = observation.judge();
    conclude(judgement);
    await judging;
  }
  expect(meter.audience('target')).toMatchObject({ accepted: 2, rejected: 1, validUnauthorized: 0 });
  expect([meter.disagreements('wrong_type'), meter.disagreements('malformed_token')]).toEqual([0, 0]);
  expect([meter.apiResponseMs('target', 'accepted'), meter.apiResponseMs('target', 'unauthorized')]).toEqual([
    null,
    null,
  ]);
  expect(stragglers.list()).toEqual([]);
});

test('lists the audiences that accepted tokens name beside ours', async () => {
  const { observer, foreignAudiences, conclude } = open();
  const aud = [LEGACY, 'https://idp.example.com/userinfo'];
  for (const judgement of [{ ...ACCEPTED, claims: { aud } }, rejectedOf('legacy', 'wrong_type')]) {
    const observation = observer.observe([]);
    observation.settle();
    const judging = observation.judge();
    conclude(judgement);
    await judging;
  }
  expect(foreignAudiences.snapshot()).toMatchObject({ requests: 1, audiences: [{ audience: aud[1], count: 1 }] });
});
