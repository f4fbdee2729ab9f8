import { describe, expect, it } from 'vitest';
import { AUDIENCE_CLASSES, OUTCOMES, PHASES, REJECTION_REASONS, SELECTION_REASONS, SIDES } from '../src/index.ts';

describe('the closed lists', () => {
  it('hold the words that dashboards and alerts depend on, each once', () => {
    for (const list of [AUDIENCE_CLASSES, OUTCOMES, PHASES, REJECTION_REASONS, SELECTION_REASONS, SIDES]) {
      expect(new Set(list).size).toBe(list.length);
      expect(list.every((word) => /^[a-z_]+$/.test(word))).toBe(true);
    }
    expect(REJECTION_REASONS).toHaveLength(22);
    expect(PHASES).toEqual(['prepare', 'expand', 'migrate', 'drain', 'contract']);
  });
});
