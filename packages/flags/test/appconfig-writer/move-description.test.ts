import { expect, it } from 'vitest';
import { describeMove, parseMoveDescription, sentenceOf } from '../../src/appconfig-writer/move-description.ts';

const from = { percent: 5, acceptance: 'both' } as const;
const to = { percent: 25, acceptance: 'both' } as const;
const note = { verb: 'advance', operator: 'alice@host', reason: 'caf\u00e9 ok', skipped: ['soak'], evidence: '4 of 4' };

it('reads in the console of AWS as a sentence, in ASCII', () => {
  const text = describeMove({ note, revision: '8', from, to });
  expect(sentenceOf(text)).toBe('crossfade advance: 5% both -> 25% both, by alice@host, because caf? ok');
  expect(text).toMatch(/^[\x20-\x7e]+$/);
});

it('gives back what was written', () => {
  expect(parseMoveDescription(describeMove({ note, revision: '8', from, to }))).toEqual({
    note,
    revision: '8',
    from,
    to,
  });
  const brief = { note: { verb: 'rollback', operator: 'bob' }, revision: '9', to };
  expect(parseMoveDescription(describeMove(brief))).toEqual(brief);
});

it.each([
  ['plain', 'issuance: pass; '],
  ['in need of escapes', '"\u00e9'],
])('keeps as much of %s evidence as AWS takes', (_, unit) => {
  const evidence = unit.repeat(250);
  const long = describeMove({ note: { ...note, evidence }, revision: '8', from, to });
  expect(long.length).toBeLessThanOrEqual(1024);
  expect(long.length).toBeGreaterThan(1000);
  const kept = parseMoveDescription(long)?.note.evidence ?? '';
  expect(kept.endsWith(' ...')).toBe(true);
  expect(evidence.startsWith(kept.slice(0, -4))).toBe(true);
});

it('leaves out the evidence, then the reason, where AWS takes no more', () => {
  const reason = 'x'.repeat(420);
  const long = describeMove({ note: { ...note, reason, evidence: 'x'.repeat(900) }, revision: '8', from, to });
  expect(long.length).toBeLessThanOrEqual(1024);
  expect(parseMoveDescription(long)?.note).toEqual({
    verb: 'advance',
    operator: 'alice@host',
    reason,
    skipped: ['soak'],
  });
  const longer = describeMove({ note: { ...note, reason: '\u00e9'.repeat(200) }, revision: '8', from, to });
  expect(longer.length).toBeLessThanOrEqual(1024);
  expect(parseMoveDescription(longer)?.note.operator).toBe('alice@host');
});

it.each([undefined, '', 'released by CI', 'x #{', 'x #{"v":1}'])('takes %j for what others wrote', (text) => {
  expect(parseMoveDescription(text)).toBeUndefined();
});
