import { describe, expect, it } from 'vitest';
import {
  activeBrownout,
  canonicalFlags,
  DEFAULT_FLAG_DOCUMENT,
  MAX_BROWNOUT_MS,
  parseFlagDocument,
} from '../../src/flags/flag-document.ts';

function read(value: unknown) {
  return parseFlagDocument(JSON.stringify(value));
}

function document(value: unknown) {
  const result = read(value);
  if (!result.ok) throw new Error(result.problems.map((problem) => `${problem.path}: ${problem.message}`).join());
  return result.document;
}

describe('parseFlagDocument', () => {
  it('reads both switches and the feature flags', () => {
    const flags = document({
      'issue-target': { enabled: true, percent: 25.5, revision: '7', since: '2026-11-21T10:00:00Z' },
      'accept-legacy': { enabled: true },
      'new-dashboard-beta': { enabled: true },
      'new-dashboard-public': { enabled: false },
    });
    expect(flags.issuance).toEqual({
      enabled: true,
      percent: 25.5,
      revision: '7',
      sinceMs: Date.parse('2026-11-21T10:00:00Z'),
    });
    expect(flags.acceptance).toBe('both');
    expect([...flags.features]).toEqual([
      ['new-dashboard-beta', true],
      ['new-dashboard-public', false],
    ]);
  });

  it('takes an empty document for the defaults: legacy logins, both audiences accepted', () => {
    expect(document({})).toEqual(DEFAULT_FLAG_DOCUMENT);
  });

  it('needs no attributes on a disabled flag, and ignores those it has', () => {
    expect(document({ 'issue-target': { enabled: false } }).issuance.percent).toBe(0);
    expect(document({ 'issue-target': { enabled: false, percent: 80 } }).issuance).toEqual(
      DEFAULT_FLAG_DOCUMENT.issuance,
    );
  });

  it('reads an enabled flag without percent as 100 %', () => {
    expect(document({ 'issue-target': { enabled: true } }).issuance.percent).toBe(100);
  });

  it('closes the legacy audience on a readable enabled: false alone', () => {
    expect(document({ 'accept-legacy': { enabled: false } }).acceptance).toBe('target');
    expect(read({ 'accept-legacy': { enabled: 'false' } }).ok).toBe(false);
    expect(read({ 'accept-legacy': false }).ok).toBe(false);
  });

  it('obeys a disabled flag, whatever stands beside it', () => {
    const flags = document({
      'issue-target': { enabled: false, since: 'yesterday', percent: 'x', revision: [] },
      'accept-legacy': { enabled: false, since: 7 },
    });
    expect(flags).toMatchObject({
      acceptance: 'target',
      acceptanceSinceMs: null,
      issuance: { percent: 0, sinceMs: null },
    });
  });

  it('keeps when a disabled flag was disabled, where the store does', () => {
    const since = '2026-11-21T10:00:00.000Z';
    expect(document({ 'issue-target': { enabled: false, since } }).issuance.sinceMs).toBe(Date.parse(since));
    expect(document({ 'accept-legacy': { enabled: false, since } }).acceptanceSinceMs).toBe(Date.parse(since));
  });

  it('refuses an enabled flag with a misspelt percent, which must not mean 100 %', () => {
    const result = read({ 'issue-target': { enabled: true, percentage: 25 } });
    expect(result.ok ? [] : result.problems).toMatchObject([
      { path: 'issue-target.percent', message: expect.stringContaining('misspelt') },
    ]);
    expect(document({ 'issue-target': { enabled: true, percent: 25, percentage: 25 } }).ignored).toEqual([
      'issue-target.percentage is not an attribute of this flag',
    ]);
  });

  it("ignores AppConfig's own attributes without a report, and never repeats a strange name", () => {
    const flags = document({
      'issue-target': { enabled: true, _createdAt: 'x', _updatedAt: 'y' },
      'accept-legacy': { enabled: true, 'a name with blanks': 1 },
    });
    expect(flags.issuance.percent).toBe(100);
    expect(flags.ignored).toEqual(['accept-legacy has an attribute that is not known']);
  });

  it('reads a brownout, and no feature of that name', () => {
    const flags = document({ brownout: { enabled: true, percent: 2.5, until: '2026-11-21T10:00:00Z' } });
    expect(flags.brownout).toEqual({ percent: 2.5, untilMs: Date.parse('2026-11-21T10:00:00Z') });
    expect(flags.features.size).toBe(0);
    expect(document({ brownout: { enabled: false } })).toMatchObject({ brownout: null, ignored: [] });
  });

  it.each([
    { enabled: true },
    { enabled: true, percent: 0, until: '2026-11-21T10:00:00Z' },
    { enabled: true, percent: 2, until: 'soon' },
    'on',
  ])('takes the broken brownout %j for none, and reports it', (brownout) => {
    const flags = document({ brownout, 'issue-target': { enabled: true, percent: 5 } });
    expect(flags).toMatchObject({ brownout: null, issuance: { percent: 5 } });
    expect(flags.ignored.at(-1)).toMatch(/^brownout must have enabled/);
  });

  it('takes a revision written as a number', () => {
    expect(document({ 'issue-target': { enabled: true, revision: 7 } }).issuance.revision).toBe('7');
    expect(document({ 'issue-target': { enabled: false, revision: 8 } }).issuance).toMatchObject({
      revision: '8',
      percent: 0,
    });
  });

  it('keeps when the legacy audience was reopened', () => {
    const since = '2026-11-21T10:00:00.000Z';
    expect(document({ 'accept-legacy': { enabled: true, since } }).acceptanceSinceMs).toBe(Date.parse(since));
  });

  it.each([
    ['text that is no JSON', '<html>', ''],
    ['a list', '[]', ''],
    ['null', 'null', ''],
    ['a percent above 100', '{"issue-target":{"enabled":true,"percent":101}}', 'issue-target.percent'],
    ['a percent below 0', '{"issue-target":{"enabled":true,"percent":-1}}', 'issue-target.percent'],
    ['a percent in quotes', '{"issue-target":{"enabled":true,"percent":"50"}}', 'issue-target.percent'],
    ['a missing enabled', '{"issue-target":{"percent":50}}', 'issue-target.enabled'],
    ['a since that is no time', '{"accept-legacy":{"enabled":true,"since":"today"}}', 'accept-legacy.since'],
    ['a multi-variant flag', '{"issue-target":{"_variants":[]}}', 'issue-target._variants'],
  ])('refuses %s as a whole, and names the place', (_what, text, path) => {
    const result = parseFlagDocument(text);
    expect(result.ok ? [] : result.problems.map((problem) => problem.path)).toEqual([path]);
  });

  it('takes an unreadable feature flag for off, and refuses nothing because of it', () => {
    const flags = document({ 'issue-target': { enabled: true }, a: 'on', b: { enabled: 1 }, c: null });
    expect(flags.issuance.percent).toBe(100);
    expect([...flags.features.values()]).toEqual([false, false, false]);
  });
});

describe('canonicalFlags', () => {
  const since = '2026-11-21T10:00:00.000Z';

  it('does not depend on what AppConfig strips from a disabled flag', () => {
    const stored = document({
      'issue-target': { enabled: false, revision: '9', since },
      'accept-legacy': { enabled: false, since },
    });
    const served = document({ 'issue-target': { enabled: false }, 'accept-legacy': { enabled: false } });
    expect(canonicalFlags(stored)).toBe(canonicalFlags(served));
    expect(canonicalFlags(stored)).toBe(
      '{"accept-legacy":{"enabled":false},"brownout":null,"issue-target":{"enabled":false}}',
    );
  });

  it('tells apart positions, revisions, times and brownouts', () => {
    const documents = [
      {},
      { 'accept-legacy': { enabled: true, since } },
      { 'issue-target': { enabled: true, percent: 5, revision: '1', since } },
      { 'issue-target': { enabled: true, percent: 5, revision: '2', since } },
      { 'issue-target': { enabled: true, percent: 6, revision: '1', since } },
      { 'issue-target': { enabled: true, percent: 5, revision: '1' } },
      { brownout: { enabled: true, percent: 1, until: since } },
      { brownout: { enabled: true, percent: 2, until: since } },
    ];
    expect(new Set(documents.map((each) => canonicalFlags(document(each)))).size).toBe(documents.length);
  });

  it('does not depend on features', () => {
    expect(canonicalFlags(document({ 'new-beta': { enabled: true } }))).toBe(canonicalFlags(DEFAULT_FLAG_DOCUMENT));
  });
});

describe('activeBrownout', () => {
  const nowMs = Date.parse('2026-11-21T10:00:00Z');

  it('is none where none is commanded, and from its end on', () => {
    expect(activeBrownout(null, nowMs)).toBeNull();
    const brownout = { percent: 2, untilMs: nowMs };
    expect(activeBrownout(brownout, nowMs - 1)).toBe(brownout);
    expect(activeBrownout(brownout, nowMs)).toBeNull();
  });

  it('is none while its end is further away than any brownout lasts', () => {
    const brownout = { percent: 2, untilMs: nowMs + MAX_BROWNOUT_MS };
    expect(activeBrownout(brownout, nowMs)).toBe(brownout);
    expect(activeBrownout(brownout, nowMs - 1)).toBeNull();
  });
});
