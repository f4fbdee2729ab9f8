import { DEFAULT_FLAG_DOCUMENT } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { createFeatureAccess } from '../src/feature-access.ts';

function access(features: Readonly<Record<string, boolean>>, roles: readonly string[]): boolean {
  const document = { ...DEFAULT_FLAG_DOCUMENT, features: new Map(Object.entries(features)) };
  const flags = { snapshot: () => ({ document, revision: null, ageSeconds: 0, stale: false }) };
  return createFeatureAccess({ flags }).hasAccess({ roles, role: 'beta-tester', feature: 'dash' });
}

describe('feature access', () => {
  it.each([
    ['public on, no role', { 'dash-public': true }, [], true],
    ['public on with beta off', { 'dash-public': true, 'dash-beta': false }, [], true],
    ['beta on, the role', { 'dash-beta': true }, ['other', 'beta-tester'], true],
    ['beta on, another role', { 'dash-beta': true }, ['beta-testers'], false],
    ['beta on, no role', { 'dash-beta': true }, [], false],
    ['beta off, the role', { 'dash-beta': false, 'dash-public': false }, ['beta-tester'], false],
    ['no flags', {}, ['beta-tester'], false],
    ["another feature's flags", { 'dashboard-public': true, dash: true }, ['beta-tester'], false],
  ])('%s', (_name, features, roles, expected) => {
    expect(access(features as Record<string, boolean>, roles)).toBe(expected);
  });

  it('denies a beta feature to a request without a role', () => {
    const document = { ...DEFAULT_FLAG_DOCUMENT, features: new Map([['dash-beta', true]]) };
    const flags = { snapshot: () => ({ document, revision: null, ageSeconds: 0, stale: false }) };

    expect(createFeatureAccess({ flags }).hasAccess({ roles: ['beta-tester'], feature: 'dash' })).toBe(false);
  });

  it('follows the flags without a restart', () => {
    let isOn = false;
    const flags = {
      snapshot: () => ({
        document: { ...DEFAULT_FLAG_DOCUMENT, features: new Map([['dash-public', isOn]]) },
        revision: null,
        ageSeconds: 0,
        stale: false,
      }),
    };
    const { hasAccess } = createFeatureAccess({ flags });
    expect(hasAccess({ roles: [], role: 'r', feature: 'dash' })).toBe(false);
    isOn = true;
    expect(hasAccess({ roles: [], role: 'r', feature: 'dash' })).toBe(true);
  });
});
