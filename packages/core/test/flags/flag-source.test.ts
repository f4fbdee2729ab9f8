import { describe, expect, it } from 'vitest';
import { DEFAULT_FLAG_DOCUMENT } from '../../src/flags/flag-document.ts';
import { acceptanceSwitch, brownoutSwitch, type FlagSnapshot, issuanceSwitch } from '../../src/flags/flag-source.ts';

describe('the switches of a flag source', () => {
  const snapshots: FlagSnapshot[] = [];
  const source = {
    snapshot: () =>
      snapshots.at(-1) ?? { document: DEFAULT_FLAG_DOCUMENT, revision: null, ageSeconds: null, stale: true },
  };
  const acceptance = acceptanceSwitch(source);
  const issuance = issuanceSwitch(source);

  it('follow every change of the source at the next read', () => {
    expect(acceptance()).toBe('both');
    expect(issuance()).toMatchObject({ enabled: false, percent: 0, revision: null, stale: true });
    snapshots.push({
      document: {
        ...DEFAULT_FLAG_DOCUMENT,
        acceptance: 'target',
        issuance: { enabled: true, percent: 100, revision: '9', sinceMs: 1 },
      },
      revision: '9',
      ageSeconds: 1,
      stale: false,
    });
    expect(acceptance()).toBe('target');
    expect(issuance()).toEqual({ enabled: true, percent: 100, revision: '9', sinceMs: 1, stale: false });
  });

  it('say which brownout the flags command', () => {
    const brownout = { percent: 2, untilMs: 1 };
    const commanded = brownoutSwitch(source);
    snapshots.push({
      document: { ...DEFAULT_FLAG_DOCUMENT, brownout },
      revision: '10',
      ageSeconds: 1,
      stale: false,
    });
    expect(commanded()).toBe(brownout);
  });

  it("fall back to the store's own revision where the flag carries none", () => {
    snapshots.push({ document: DEFAULT_FLAG_DOCUMENT, revision: 'v3', ageSeconds: 1, stale: false });
    expect(issuance().revision).toBe('v3');
  });
});
