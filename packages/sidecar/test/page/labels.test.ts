import { AUDIENCE_CLASSES } from '@crossfade/core';
import { expect, test } from 'vitest';
import type { MarkShown } from '../../src/page/dashboard-state.ts';
import {
  CLASS_LABELS,
  describeAcceptance,
  describeConnections,
  describeIssuance,
  describeMark,
  describeReplacedHeaders,
  formatAgo,
  formatShare,
  formatSpan,
  formatTime,
  labelMark,
  labelStraggler,
} from '../../src/page/labels.ts';

const at = (phase: MarkShown['phase'], percent: number): MarkShown => ({ atMs: 0, phase, percent, acceptance: 'both' });

test('names the classes of tokens as the metrics do', () => {
  const names = AUDIENCE_CLASSES.map((name) => CLASS_LABELS[name].name);
  expect(names).toEqual(AUDIENCE_CLASSES);
});

test.each([
  ['still minting', { accepted: 3, stillMinting: true }],
  ['using up', { accepted: 3 }],
  ['using up', { accepted: 3, reasons: { bridge: 1, expired: 2 } }],
  ['using up', { accepted: 3, reasons: { after_close: 3 } }],
  ['bridge', { accepted: 3, reasons: { bridge: 3 } }],
  ['refused', { reasons: { foreign_audience: 2 } }],
])('labels a straggler: %s', (label, client) => {
  expect(labelStraggler({ accepted: 0, reasons: {}, stillMinting: false, ...client }).label).toBe(label);
});

test('describes what is open, and whose headers were replaced', () => {
  expect(describeConnections({ legacy: 1_200, target: 3, bridge: 0 })).toBe(
    'Open streams: 1,200 legacy, 3 target, 0 bridge.',
  );
  expect(describeReplacedHeaders({ from: ['10.0.3.7', '::1'] })).toBe(
    'X-Forwarded-* of 10.0.3.7, ::1 replaced: see sidecar.trustedProxies.',
  );
});

test('describes the positions of the switches', () => {
  expect([0, 25, 100].map(describeIssuance)).toEqual([
    'every login asks for legacy',
    '25 % of logins ask for target',
    'every login asks for target',
  ]);
  expect((['legacy', 'both', 'target'] as const).map(describeAcceptance)).toEqual([
    'accepts legacy only',
    'accepts legacy and target',
    'accepts target only',
  ]);
});

test.each([
  [at('prepare', 0), undefined, 'prepare'],
  [at('migrate', 10), at('expand', 0), '10 %'],
  [at('migrate', 50), at('migrate', 10), '50 %'],
  [at('expand', 0), at('migrate', 50), 'rollback'],
  [at('drain', 100), at('migrate', 50), 'drain'],
  [at('contract', 100), at('drain', 100), 'closed'],
  [at('prepare', 0), at('migrate', 50), 'rollback'],
  [at('drain', 100), at('contract', 100), 'reopened'],
  [at('migrate', 50), at('migrate', 50), ''],
])('labels a change of phase or switch', (mark, before, label) => {
  expect(labelMark(mark, before)).toBe(label);
});

test('describes a change in a sentence', () => {
  expect(describeMark(at('migrate', 10), at('expand', 0))).toBe(
    'migrate: 10 % of logins ask for target, the API accepts legacy and target',
  );
  expect(describeMark(at('prepare', 0), undefined)).toContain('(when the history began)');
});

test.each([
  [null, '–'],
  [0, '0 %'],
  [1, '100 %'],
  [0.0001, '0.1 %'],
  [0.99999, '99.9 %'],
  [0.3333, '33.3 %'],
])('formats the share %s as %s', (share, text) => {
  expect(formatShare(share)).toBe(text);
});

test.each([
  [0, '0 s'],
  [-5, '0 s'],
  [59_000, '59 s'],
  [61_000, '1 min 1 s'],
  [3_605_000, '1 h'],
  [90_000_000, '1 d 1 h'],
])('formats %d ms as %s', (ms, text) => {
  expect(formatSpan(ms)).toBe(text);
});

test('formats how long ago a time was', () => {
  expect(formatAgo(null, 0)).toBe('never');
  expect(formatAgo('1970-01-01T00:00:09.500Z', 10_000)).toBe('just now');
  expect(formatAgo('1970-01-01T00:00:00.000Z', 10_000)).toBe('10 s ago');
});

test('formats a time of another day with its date', () => {
  const noon = new Date(2026, 2, 1, 12).getTime();
  expect(formatTime(noon, noon)).toBe('12:00:00');
  expect(formatTime(noon, noon + 86_400_000)).toBe('1 Mar 12:00:00');
});
