import { describe, expect, it } from 'vitest';
import { DEFAULT_FLAG_DOCUMENT, parseFlagDocument } from '../../src/flags/flag-document.ts';

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

  it('takes a revision written as a number', () => {
    expect(document({ 'issue-target': { enabled: true, revision: 7 } }).issuance.revision).toBe('7');
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
