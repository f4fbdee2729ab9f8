import { DURATION_BOUNDS_SECONDS } from '@crossfade/validator/collector';
import { createDurations, createMeter } from '@crossfade/validator/meter';
import { expect, test } from 'vitest';
import { createCollector } from '../../src/collect/collector.ts';
import { createSenders } from '../../src/collect/senders.ts';
import { createLegacyLog } from '../../src/meter/legacy-log.ts';
import { createStragglers } from '../../src/meter/stragglers.ts';
import { batchText, LEGACY_RECORD } from '../fixture/batch.ts';
import { createRecordingLog } from '../fixture/log.ts';

const NOW_MS = 10_000;

function open(maxSenders?: number) {
  const log = createRecordingLog();
  const now = () => NOW_MS;
  const parts = {
    meter: createMeter(),
    durations: createDurations(),
    stragglers: createStragglers({ now, silenceMs: 86_400_000 }),
    legacyLog: createLegacyLog(log),
    senders: createSenders(now, maxSenders),
    now,
  };
  return { ...parts, log, collector: createCollector(parts) };
}

test('counts what other processes judged as if it had been judged here', () => {
  const { collector, meter, stragglers, durations, log } = open();
  const counts = DURATION_BOUNDS_SECONDS.map(() => 0);
  const received = collector.receive(
    batchText(
      {},
      LEGACY_RECORD,
      { ...LEGACY_RECORD, clientId: 'cli', count: 3, issuedAt: undefined, expiresAt: 9_000 },
      { kind: 'accepted', audience: 'target', afterClose: 'accepted', expiresAt: 3_000, count: 5, ageMs: 100 },
      { kind: 'rejected', audience: 'invalid', reason: 'bad_signature', count: 7, ageMs: 0 },
      { kind: 'unauthorized', audience: 'target', count: 2, ageMs: 200 },
      { kind: 'unavailable', count: 1, ageMs: 300 },
      { kind: 'unavailable', cause: 'revocation', count: 3, ageMs: 300 },
      { kind: 'durations', outcome: 'accepted', counts: [20, ...counts], sumSeconds: 0.000_1 },
    ),
  );
  expect(received).toEqual({ result: 'counted', sequence: 1, judgements: 31 });
  expect(meter.audience('legacy')).toEqual({
    accepted: 15,
    rejected: 0,
    lastSeenMs: 9_500,
    latestIssuedSeconds: 1_000,
    latestExpirySeconds: 9_000,
    validUnauthorized: 0,
  });
  expect(meter.audience('target')).toMatchObject({ accepted: 5, lastSeenMs: 9_900, validUnauthorized: 2 });
  expect(meter.lastValidUnauthorizedMs()).toBe(9_800);
  expect(meter.afterCloseRejections()).toBe(15);
  expect(meter.rejections('bad_signature')).toBe(7);
  expect(meter.audience('invalid').rejected).toBe(11);
  expect([meter.unavailable(), meter.lastUnavailableMs()]).toEqual([4, 9_700]);
  expect([meter.unavailable('keys'), meter.unavailable('revocation')]).toEqual([1, 3]);
  expect(durations.histogram()).toMatchObject({ count: 20, sumSeconds: 0.000_1 });
  expect(stragglers.list()).toMatchObject([
    { clientId: 'web-app', accepted: 12, lastSeenMs: 9_500 },
    { clientId: 'cli', accepted: 3, latestIssuedSeconds: null },
  ]);
  expect(log.lines.map(({ fields }) => [fields['clientId'], fields['requests']])).toEqual([
    ['web-app', 12],
    ['cli', 3],
  ]);
});

test('counts a batch once, however often it arrives', () => {
  const { collector, meter } = open();
  const text = batchText({}, LEGACY_RECORD);
  expect([1, 2, 3].map(() => collector.receive(text).result)).toEqual(['counted', 'duplicate', 'duplicate']);
  expect(meter.audience('legacy').accepted).toBe(12);
  expect(collector.batches()).toEqual({ counted: 1, duplicate: 2, refused: 0, unavailable: 0 });
});

test('counts nothing of a batch with one wrong line, and counts it once that is corrected', () => {
  const { collector, meter } = open();
  expect(collector.receive(batchText({}, LEGACY_RECORD, { kind: 'unknown' }))).toMatchObject({
    result: 'refused',
    problem: { line: 3, field: 'kind' },
  });
  expect(meter.audience('legacy').accepted).toBe(0);
  expect(collector.receive(batchText({}, LEGACY_RECORD)).result).toBe('counted');
});

test('counts lost judgements as unavailable', () => {
  const { collector, meter } = open();
  collector.receive(batchText({ lost: 9 }));
  expect([meter.unavailable(), meter.audience('invalid').rejected]).toEqual([9, 9]);
});

test('reports the stragglers as truncated when a record names no client', () => {
  const { collector, meter, stragglers } = open();
  collector.receive(batchText({}, { ...LEGACY_RECORD, clientId: undefined, others: true }));
  expect([meter.audience('legacy').accepted, stragglers.list().length, stragglers.truncated()]).toEqual([12, 0, true]);
});

test('counts nothing from a sender that cannot be remembered', () => {
  const { collector, meter } = open(0);
  expect(collector.receive(batchText({}, LEGACY_RECORD))).toEqual({ result: 'unavailable' });
  expect(meter.audience('legacy').accepted).toBe(0);
});

const TOKEN = { afterClose: 'rejected', clientId: 'web-app', issuedAt: 1_000, expiresAt: 2_000, expired: false };
const rejected = (change: object = {}) => ({
  kind: 'rejected',
  audience: 'legacy',
  reason: 'foreign_audience',
  token: TOKEN,
  count: 3,
  ageMs: 500,
  ...change,
});

test('counts rejected legacy tokens of other processes as seen, and logs and lists their clients', () => {
  const { collector, meter, stragglers, log } = open();
  collector.receive(
    batchText(
      {},
      rejected(),
      rejected({ token: { ...TOKEN, clientId: 'late', expired: true }, reason: 'expired' }),
      rejected({ audience: 'bridge', reason: 'wrong_type', token: { ...TOKEN, clientId: 'mapper' } }),
      rejected({ audience: 'foreign', reason: 'wrong_audience', token: { ...TOKEN, clientId: undefined } }),
    ),
  );
  expect(meter.audience('legacy')).toMatchObject({
    rejected: 6,
    lastSeenMs: 9_500,
    latestIssuedSeconds: 1_000,
    latestExpirySeconds: 2_000,
  });
  expect(stragglers.list()).toMatchObject([
    { clientId: 'web-app', rejected: 3, reasons: { foreign_audience: 3 } },
    { clientId: 'mapper', rejected: 3, reasons: { wrong_type: 3 } },
  ]);
  expect(stragglers.truncated()).toBe(false);
  expect(log.lines.map(({ fields }) => [fields['clientId'], fields['reason'], fields['requests']])).toEqual([
    ['web-app', 'foreign_audience', 3],
    ['mapper', 'wrong_type', 3],
  ]);
});

test('counts disagreements of other processes, and lists their clients', () => {
  const { collector, meter, stragglers } = open();
  const received = collector.receive(
    batchText(
      {},
      rejected(),
      rejected({ kind: 'disagreement' }),
      rejected({ kind: 'disagreement', audience: 'foreign', token: { ...TOKEN, clientId: 'other' }, ageMs: 200 }),
      rejected({ kind: 'disagreement', audience: 'target', token: { ...TOKEN, others: true, clientId: undefined } }),
      rejected({ kind: 'disagreement', audience: 'opaque', reason: 'malformed_token', token: undefined, ageMs: 100 }),
    ),
  );
  expect(received).toMatchObject({ judgements: 3 });
  expect([meter.disagreements('foreign_audience'), meter.disagreements('malformed_token')]).toEqual([9, 3]);
  expect([meter.lastDisagreementMs('verified'), meter.lastDisagreementMs('unverified')]).toEqual([9_800, 9_900]);
  expect(stragglers.list().map(({ clientId, rejected }) => [clientId, rejected])).toEqual([
    ['other', 3],
    ['web-app', 3],
  ]);
  expect(stragglers.truncated()).toBe(true);
});

test('notes when the APIs of other processes took and refused the tokens of a side', () => {
  const { collector, meter } = open();
  collector.receive(
    batchText(
      {},
      { kind: 'response', audience: 'legacy', response: 'accepted', count: 3, ageMs: 100 },
      { kind: 'response', audience: 'target', response: 'unauthorized', count: 1, ageMs: 200 },
    ),
  );
  expect([meter.apiResponseMs('legacy', 'accepted'), meter.apiResponseMs('target', 'unauthorized')]).toEqual([
    9_900, 9_800,
  ]);
});

test('counts the batches of an older sender, in doubt as legacy seen, and says that the list lacks its clients', () => {
  const { collector, meter, stragglers } = open();
  const old = { version: 1 } as const;
  collector.receive(batchText(old, rejected({ token: undefined, reason: 'expired' })));
  expect([meter.audience('legacy').lastSeenMs, stragglers.truncated()]).toEqual([0, false]);
  collector.receive(batchText({ ...old, sequence: 2 }, rejected({ token: undefined })));
  expect([meter.audience('legacy').lastSeenMs, stragglers.truncated()]).toEqual([9_500, true]);
  expect(stragglers.list()).toEqual([]);
});

test('an older sender does not name the clients of bridge tokens, a newer one does', () => {
  const bridge = { ...LEGACY_RECORD, audience: 'bridge' };
  const [old, current] = [open(), open()];
  old.collector.receive(batchText({ version: 1 }, { ...bridge, clientId: undefined }));
  expect([old.stragglers.list().length, old.stragglers.truncated()]).toEqual([0, true]);
  current.collector.receive(batchText({}, bridge));
  expect(current.stragglers.list()).toMatchObject([{ clientId: 'web-app', reasons: { after_close: 12 } }]);
  expect(current.stragglers.truncated()).toBe(false);
});
