import { expect, it } from 'vitest';
import { revisionOfLabel, versionLabel } from '../../src/appconfig/appconfig-version-label.ts';

it('carries a revision in a label that AWS accepts', () => {
  expect(versionLabel('8', 13)).toBe('crossfade-r8-v13');
  expect(revisionOfLabel(versionLabel('8', 13))).toBe('8');
});

it('uses a label that Crossfade did not write as the revision', () => {
  expect(revisionOfLabel('v2.2.0')).toBe('v2.2.0');
  expect(revisionOfLabel(null)).toBeNull();
});
