import { describe, expect, it } from 'vitest';
import { toFlagText, withSwitches } from '../../src/appconfig-writer/hosted-content.ts';

const HOSTED = {
  version: '1',
  flags: {
    'issue-target': {
      name: 'Issue target',
      _createdAt: '2026-01-01T00:00:00Z',
      attributes: {
        percent: { constraints: { type: 'number', maximum: 50 } },
        note: { constraints: { type: 'string' } },
      },
    },
    'dash-beta': { name: 'Dashboard', _deprecation: { status: 'planned' } },
  },
  values: {
    'issue-target': { enabled: false, revision: '7', note: 'ours', _updatedAt: '2026-01-02T00:00:00Z' },
    'dash-beta': { _variants: [{ name: 'a', enabled: true }] },
  },
};
const content = JSON.stringify(HOSTED);

describe('toFlagText', () => {
  it('returns the values without bookkeeping and keeps the attributes of a disabled flag', () => {
    expect(JSON.parse(toFlagText(content))).toEqual({
      'issue-target': { enabled: false, revision: '7', note: 'ours' },
      'dash-beta': { _variants: [{ name: 'a', enabled: true }] },
    });
  });

  it('returns an empty document for content without values', () => {
    expect(toFlagText('{"version":"1"}')).toBe('{}');
  });

  it.each(['', '[]', '{"issue-target":{"enabled":true}}', '{"version":"2"}'])('returns %j unchanged', (text) => {
    expect(toFlagText(text)).toBe(text);
  });
});

describe('withSwitches', () => {
  const edited = {
    'issue-target': { enabled: true, percent: 25, revision: '8', since: '2026-05-04T10:00:00Z' },
    'dash-beta': { enabled: false },
  };
  const next = JSON.parse(withSwitches(content, JSON.stringify(edited)));

  it('changes the switches and no other flag', () => {
    expect(next.values).toEqual({ 'issue-target': edited['issue-target'], 'dash-beta': HOSTED.values['dash-beta'] });
  });

  it("defines the attributes it writes and keeps the operator's definitions", () => {
    expect(next.flags).toEqual({
      'issue-target': {
        name: 'Issue target',
        _createdAt: '2026-01-01T00:00:00Z',
        attributes: {
          percent: { constraints: { type: 'number', maximum: 50 } },
          note: { constraints: { type: 'string' } },
          revision: { constraints: { type: 'string' } },
          since: { constraints: { type: 'string' } },
        },
      },
      'dash-beta': HOSTED.flags['dash-beta'],
    });
  });

  it('creates content from nothing', () => {
    const accept = { enabled: false, since: '2026-05-04T10:00:00Z' };
    expect(JSON.parse(withSwitches('', JSON.stringify({ 'accept-legacy': accept })))).toEqual({
      version: '1',
      flags: { 'accept-legacy': { name: 'accept-legacy', attributes: { since: { constraints: { type: 'string' } } } } },
      values: { 'accept-legacy': accept },
    });
  });

  it('defines the attributes of a brownout', () => {
    const brownout = { enabled: true, percent: 2, until: '2026-05-04T10:00:00Z' };
    expect(JSON.parse(withSwitches('', JSON.stringify({ brownout })))).toEqual({
      version: '1',
      flags: {
        brownout: {
          name: 'brownout',
          attributes: {
            percent: { constraints: { type: 'number', minimum: 0, maximum: 100 } },
            until: { constraints: { type: 'string' } },
          },
        },
      },
      values: { brownout },
    });
  });

  it('repairs the other switch if it is unreadable', () => {
    const broken = JSON.stringify({ ...HOSTED, values: { 'accept-legacy': { enabled: 'yes' } } });
    const mended = withSwitches(broken, '{"issue-target":{"enabled":false}}');
    expect(JSON.parse(toFlagText(mended))).toEqual({
      'issue-target': { enabled: false },
      'accept-legacy': { enabled: true },
    });
  });
});
