import { expect, test } from 'vitest';
import { createLegacyLog } from '../../src/meter/legacy-log.ts';
import { ACCEPTED, rejectedOf } from '../fixture/judgement.ts';
import { createRecordingLog } from '../fixture/log.ts';

test('logs the client and the times of a request, and nothing else of its token', () => {
  const log = createRecordingLog();
  const judgement = { ...ACCEPTED, claims: { email: 'alice@example.com' } };
  createLegacyLog(log).note(judgement, 1_000);
  expect(log.lines).toEqual([
    {
      level: 'info',
      fields: { event: 'legacy_request', audience: 'legacy', clientId: 'web-app', issuedAt: 1_000, expiresAt: 2_000 },
    },
  ]);
});

test('omits lines above its rate, and logs how many', () => {
  const log = createRecordingLog();
  const legacyLog = createLegacyLog(log, 2);
  for (let request = 0; request < 5; request += 1) legacyLog.note(ACCEPTED, 1_000 + request);
  expect(log.lines).toHaveLength(2);
  legacyLog.note(ACCEPTED, 2_000);
  expect(log.lines.slice(2).map(({ fields }) => [fields['event'], fields['omitted']])).toEqual([
    ['legacy_requests_omitted', 3],
    ['legacy_request', undefined],
  ]);
});

test('a flush logs the number of omitted lines once', () => {
  const log = createRecordingLog();
  const legacyLog = createLegacyLog(log, 1);
  for (let request = 0; request < 3; request += 1) legacyLog.note(ACCEPTED, 1_000);
  legacyLog.flush();
  legacyLog.flush();
  expect(log.lines.filter(({ fields }) => fields['event'] === 'legacy_requests_omitted')).toEqual([
    { level: 'warn', fields: { event: 'legacy_requests_omitted', omitted: 2, linesPerSecond: 1 } },
  ]);
});

test('alike requests that another process counted share a line, and each counts as omitted', () => {
  const log = createRecordingLog();
  const legacyLog = createLegacyLog(log, 1);
  legacyLog.note(ACCEPTED, 1_000, 12);
  legacyLog.note(ACCEPTED, 1_000, 30);
  legacyLog.flush();
  expect(log.lines.map(({ fields }) => [fields['requests'], fields['omitted']])).toEqual([
    [12, undefined],
    [undefined, 30],
  ]);
});

test('logs a legacy token that is rejected, with the reason, and a bridge token that a close would refuse', () => {
  const log = createRecordingLog();
  const legacyLog = createLegacyLog(log);
  legacyLog.note(rejectedOf('legacy', 'foreign_audience'), 1_000);
  legacyLog.note({ ...ACCEPTED, audience: 'bridge' }, 1_000);
  expect(log.lines.map(({ fields }) => [fields['audience'], fields['clientId'], fields['reason']])).toEqual([
    ['legacy', 'web-app', 'foreign_audience'],
    ['bridge', 'web-app', undefined],
  ]);
});

test('logs nothing for tokens that do not count as legacy seen', () => {
  const log = createRecordingLog();
  const legacyLog = createLegacyLog(log);
  legacyLog.note(rejectedOf('legacy', 'expired', { expired: true }), 1_000);
  legacyLog.note({ ...ACCEPTED, audience: 'bridge', afterClose: 'accepted' }, 1_000);
  legacyLog.note(rejectedOf('foreign', 'wrong_audience'), 1_000);
  expect(log.lines).toEqual([]);
});

test('says of a client that a close turns away that it came after the close', () => {
  const lines: [unknown, string | undefined][] = [];
  const write = (fields: object, message?: string) => void lines.push([fields, message]);
  const legacyLog = createLegacyLog({ info: write, warn: write });
  legacyLog.note(rejectedOf('legacy', 'legacy_closed'), 1_000);
  expect(lines).toEqual([
    [expect.objectContaining({ clientId: 'web-app', reason: 'legacy_closed' }), 'legacy request after the close'],
  ]);
});

test('logs a client that a close turns away once, however often it comes, and again after a reopening', () => {
  const log = createRecordingLog();
  const legacyLog = createLegacyLog(log);
  const turnedAway = rejectedOf('legacy', 'legacy_closed');
  const other = rejectedOf('legacy', 'legacy_closed', { clientId: 'nightly-batch' });
  for (let request = 0; request < 500; request += 1) legacyLog.note(turnedAway, 1_000 * request);
  legacyLog.note(other, 1_000);
  legacyLog.note(ACCEPTED, 600_000);
  legacyLog.note(turnedAway, 601_000);
  expect(log.lines.map(({ fields }) => [fields['clientId'], fields['reason']])).toEqual([
    ['web-app', 'legacy_closed'],
    ['nightly-batch', 'legacy_closed'],
    ['web-app', undefined],
    ['web-app', 'legacy_closed'],
  ]);
});

test('logs a client again that it has forgotten among a thousand others, and takes no memory for more', () => {
  const log = createRecordingLog();
  const legacyLog = createLegacyLog(log, Number.POSITIVE_INFINITY);
  const of = (clientId: string) => rejectedOf('legacy', 'legacy_closed', { clientId });
  for (let client = 0; client <= 1000; client += 1) legacyLog.note(of(`client-${client}`), 1_000);
  legacyLog.note(of('client-1'), 1_000);
  expect(log.lines).toHaveLength(1001);
  legacyLog.note(of('client-0'), 1_000);
  expect(log.lines).toHaveLength(1002);
});
