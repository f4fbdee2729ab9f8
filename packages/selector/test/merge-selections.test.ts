import { SELECTION_REASONS, type Selection } from '@crossfade/core';
import { expect, test } from 'vitest';
import { leastAdvanced, mergeSelections, uniteParameters } from '../src/merge-selections.ts';

function selection(side: 'legacy' | 'target', rest: Partial<Selection> = {}): Selection {
  return { side, scope: '', parameters: {}, reason: 'split', stale: false, revision: '1', ...rest };
}

test('scope values and resources are united in order, each once', () => {
  expect(
    uniteParameters([
      { scope: 'openid profile orders:read', resource: 'urn:orders' },
      { scope: 'profile openid billing:read', resource: ['urn:billing', 'urn:orders'] },
    ]),
  ).toEqual({ scope: 'openid profile orders:read billing:read', resource: ['urn:orders', 'urn:billing'] });
});

test('one resource of several migrations is sent once, as a text', () => {
  expect(uniteParameters([{ resource: 'urn:api' }, { resource: 'urn:api' }, {}])).toEqual({ resource: 'urn:api' });
});

test('an audience that all of them ask for is sent once', () => {
  expect(uniteParameters([{ scope: 'openid' }, { audience: 'https://api.example.com' }])).toEqual({
    scope: 'openid',
    audience: 'https://api.example.com',
  });
});

test('the side is target only if every migration selects it', () => {
  expect(mergeSelections({ a: selection('target'), b: selection('target') }).side).toBe('target');
  expect(mergeSelections({ a: selection('target'), b: selection('legacy') }).side).toBe('legacy');
});

test('the reason is that of the least advanced migration', () => {
  const of = (...parts: [Selection['side'], Selection['reason']][]) =>
    leastAdvanced(parts.map(([side, reason]) => ({ side, reason }))).reason;
  expect(of(['target', 'stale'], ['legacy', 'split'])).toBe('split');
  expect(of(['legacy', 'split'], ['legacy', 'default'])).toBe('default');
  expect(of(['target', 'full'], ['target', 'split'])).toBe('split');
  expect(of(['legacy', 'disabled'], ['legacy', 'no_key'])).toBe('no_key');
  for (const reason of SELECTION_REASONS) expect(of(['legacy', reason])).toBe(reason);
});

test('revisions are joined in order, and one stale position makes the whole stale', () => {
  const whole = mergeSelections({ a: selection('legacy', { revision: '7' }), b: selection('legacy', { stale: true }) });
  expect(whole).toMatchObject({ revision: '7+1', stale: true });
  const unknown = selection('legacy', { revision: null });
  expect(mergeSelections({ a: unknown, b: selection('legacy') }).revision).toBe('unknown+1');
  expect(mergeSelections({ a: unknown, b: unknown }).revision).toBe(null);
});
