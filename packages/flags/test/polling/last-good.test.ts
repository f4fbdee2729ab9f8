import { DEFAULT_FLAG_DOCUMENT, type FlagSnapshot } from '@crossfade/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { createLastGood, type LastGood, type PollResult } from '../../src/polling/last-good.ts';

const QUARTER = document({ 'issue-target': { enabled: true, percent: 25, revision: '7' } });
const BROKEN: PollResult = { kind: 'document', text: '{"issue-target":{"enabled":"secret"}}', version: null };
const UNCHANGED: PollResult = { kind: 'unchanged' };
const OUTAGE: PollResult = { kind: 'failed', problem: 'the store is down' };

function document(flags: object, version: string | null = null): PollResult {
  return { kind: 'document', text: JSON.stringify(flags), version };
}

describe('the last good document', () => {
  let nowMs: number;
  let lastGood: LastGood;
  let notified: FlagSnapshot[];

  beforeEach(() => {
    nowMs = 1_000_000;
    notified = [];
    lastGood = createLastGood({ now: () => nowMs, staleAfterMs: 3000 });
    lastGood.subscribe((snapshot) => notified.push(snapshot));
  });

  it('starts with the stale defaults', () => {
    expect(lastGood.snapshot()).toEqual({
      document: DEFAULT_FLAG_DOCUMENT,
      revision: null,
      ageSeconds: null,
      stale: true,
    });
  });

  it('counts the outcome of each poll', () => {
    for (const result of [QUARTER, UNCHANGED, UNCHANGED, BROKEN, OUTAGE]) lastGood.record(result);
    expect(lastGood.refreshes()).toEqual({ updated: 1, unchanged: 2, refused: 1, failed: 1 });
  });

  it('keeps the document where the store returns something else, and says what is wrong with that', () => {
    lastGood.record(QUARTER);
    expect(lastGood.record({ kind: 'broken', problem: 'is an HTML page' })).toBe('refused');
    expect(lastGood.snapshot()).toMatchObject({
      revision: '7',
      problem: 'the new document is refused: is an HTML page',
    });
    expect(lastGood.record(QUARTER)).toBe('unchanged');
    expect(lastGood.snapshot()).not.toHaveProperty('problem');
  });

  it('is stale once the store has not confirmed the document in time', () => {
    lastGood.record(QUARTER);
    nowMs += 3000;
    expect(lastGood.snapshot()).toMatchObject({ ageSeconds: 3, stale: false });
    nowMs += 1;
    expect(lastGood.snapshot()).toMatchObject({ ageSeconds: 3.001, stale: true });
    lastGood.record(UNCHANGED);
    expect(lastGood.snapshot()).toMatchObject({ ageSeconds: 0, stale: false });
  });

  it('accepts a new staleness limit', () => {
    lastGood.record(QUARTER);
    lastGood.staleAfter(10_000);
    nowMs += 10_000;
    expect(lastGood.snapshot().stale).toBe(false);
  });

  it('reports age zero when the clock is set back', () => {
    lastGood.record(QUARTER);
    nowMs -= 60_000;
    expect(lastGood.snapshot().ageSeconds).toBe(0);
  });

  it('does not let "unchanged" confirm a good document while the store holds a broken one', () => {
    lastGood.record(QUARTER);
    lastGood.record(BROKEN);
    nowMs += 5000;
    expect(lastGood.record(UNCHANGED)).toBe('refused');
    expect(lastGood.snapshot()).toMatchObject({ ageSeconds: 5, stale: true, document: { issuance: { percent: 25 } } });
  });

  it('reports the problem of a broken document without its content', () => {
    lastGood.record(BROKEN);
    expect(lastGood.snapshot().problem).toMatch(/^the new document is refused: issue-target\.enabled: /);
    expect(lastGood.snapshot().problem).not.toContain('secret');
  });

  it('still reports a broken document after a later outage has ended', () => {
    lastGood.record(QUARTER);
    lastGood.record(BROKEN);
    lastGood.record(OUTAGE);
    expect(lastGood.snapshot().problem).toMatch(/^the store is down; before that, the new document is refused/);
    lastGood.record(UNCHANGED);
    expect(lastGood.snapshot().problem).toMatch(/^the new document is refused/);
    lastGood.record(QUARTER);
    expect(lastGood.snapshot().problem).toBeUndefined();
  });

  it('treats "unchanged" before the first document as a store without a document', () => {
    expect(lastGood.record(UNCHANGED)).toBe('failed');
    expect(lastGood.snapshot()).toMatchObject({ ageSeconds: null, problem: 'the store has no document' });
  });

  describe('with a document restored from disk', () => {
    const CLOSED = { text: '{"accept-legacy":{"enabled":false}}', version: '9' };

    beforeEach(() => lastGood.restore(CLOSED));

    it('uses it at once, stale, and reports its origin', () => {
      expect(lastGood.snapshot()).toMatchObject({ revision: '9', ageSeconds: null, stale: true });
      expect(lastGood.snapshot().document.acceptance).toBe('target');
      expect(lastGood.snapshot().problem).toBe('the flags come from the disk cache');
      expect(notified.map(({ revision }) => revision)).toEqual(['9']);
      expect(lastGood.refreshes()).toEqual({ updated: 0, unchanged: 0, refused: 0, failed: 0 });
    });

    it('is confirmed by the same document', () => {
      expect(lastGood.record({ kind: 'document', ...CLOSED })).toBe('unchanged');
      expect(lastGood.snapshot()).toMatchObject({ revision: '9', ageSeconds: 0, stale: false });
      expect(lastGood.snapshot().problem).toBeUndefined();
    });

    it('is not confirmed by "unchanged" before the store has returned a document', () => {
      expect(lastGood.record(UNCHANGED)).toBe('failed');
      expect(lastGood.snapshot()).toMatchObject({ stale: true, document: { acceptance: 'target' } });
    });

    it('keeps it through an outage and a broken document', () => {
      lastGood.record(OUTAGE);
      lastGood.record(BROKEN);
      expect(lastGood.snapshot()).toMatchObject({ stale: true, document: { acceptance: 'target' } });
      expect(lastGood.snapshot().problem).toMatch(/refused: .*; the flags come from the disk cache$/);
    });

    it('replaces it with the next good document', () => {
      expect(lastGood.record(QUARTER)).toBe('updated');
      expect(lastGood.snapshot()).toMatchObject({ revision: '7', stale: false, document: { acceptance: 'both' } });
    });
  });

  it('ignores an unreadable restored text', () => {
    lastGood.restore({ text: '{', version: null });
    expect(lastGood.snapshot()).toMatchObject({ document: DEFAULT_FLAG_DOCUMENT, ageSeconds: null });
  });

  it('reports a problem of the disk cache together with its own, for as long as it lasts', () => {
    lastGood.record(QUARTER, 'the disk is full');
    expect(lastGood.snapshot()).toMatchObject({ stale: false, problem: 'the disk is full' });
    lastGood.record(OUTAGE, 'the disk is full');
    expect(lastGood.snapshot().problem).toBe('the store is down; the disk is full');
    lastGood.record(UNCHANGED);
    expect(lastGood.snapshot().problem).toBeUndefined();
    expect(notified).toHaveLength(3);
  });

  it('reports a problem of the disk cache that is found after the poll, and that it is gone', () => {
    lastGood.record(OUTAGE);
    lastGood.recordCacheProblem('the disk is full');
    expect(lastGood.snapshot().problem).toBe('the store is down; the disk is full');
    lastGood.recordCacheProblem('the disk is full');
    lastGood.recordCacheProblem(undefined);
    expect(lastGood.snapshot().problem).toBe('the store is down');
    expect(notified).toHaveLength(3);
  });

  it.each([
    ['the attribute of an enabled flag', { 'issue-target': { enabled: true, revision: 7 } }, 'label', '7'],
    ['the attribute of a disabled flag', { 'issue-target': { enabled: false, revision: '8' } }, 'label', '8'],
    ["the store's own version", { 'issue-target': { enabled: false } }, 'label', 'label'],
    ["the store's own version without the flag", {}, 'label', 'label'],
    ['null without any source', {}, null, null],
  ])('takes as the revision %s', (_name, flags, version, revision) => {
    lastGood.record(document(flags, version));
    expect(lastGood.snapshot().revision).toBe(revision);
  });

  it('notifies subscribers of each change of document or problem only', () => {
    for (const result of [QUARTER, UNCHANGED, QUARTER, OUTAGE, OUTAGE, UNCHANGED, document({})]) {
      lastGood.record(result);
    }
    expect(notified.map(({ revision, problem }) => problem ?? revision)).toEqual(['7', 'the store is down', '7', null]);
  });

  it('notifies a listener once for each of its subscriptions', () => {
    let count = 0;
    const listener = () => {
      count += 1;
    };
    const unsubscribe = lastGood.subscribe(listener);
    lastGood.subscribe(listener);
    lastGood.record(QUARTER);
    unsubscribe();
    lastGood.record(OUTAGE);
    expect(count).toBe(3);
  });
});
