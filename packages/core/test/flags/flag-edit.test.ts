import { describe, expect, it } from 'vitest';
import { parseFlagDocument } from '../../src/flags/flag-document.ts';
import { editFlagDocument } from '../../src/flags/flag-edit.ts';

const nowMs = Date.parse('2026-11-21T10:00:00Z');

function edit(flags: unknown, ...[change]: [Parameters<typeof editFlagDocument>[1]]) {
  const { text, revision } = editFlagDocument(JSON.stringify(flags), change, nowMs);
  const read = parseFlagDocument(text);
  if (!read.ok) throw new Error('the edited document can no longer be read');
  return { json: JSON.parse(text) as Record<string, Record<string, unknown>>, revision, document: read.document };
}

describe('editFlagDocument', () => {
  it('advances issuance, counts the revision up and notes the time', () => {
    const { document, revision } = edit(
      { 'issue-target': { enabled: false, revision: '7' } },
      { issuance: { percent: 12.5 } },
    );
    expect(document.issuance).toEqual({ enabled: true, percent: 12.5, revision: '8', sinceMs: nowMs });
    expect(revision).toBe('8');
  });

  it('rolls issuance back to a flag that is off and holds no percent', () => {
    const { json, document } = edit(
      { 'issue-target': { enabled: true, percent: 50, revision: '8' } },
      { issuance: { percent: 0 } },
    );
    expect(document.issuance.percent).toBe(0);
    expect(json['issue-target']).toEqual({ enabled: false, revision: '9', since: '2026-11-21T10:00:00.000Z' });
  });

  it('never touches one switch when it moves the other', () => {
    const flags = {
      'issue-target': { enabled: true, percent: 100, since: '2026-11-20T00:00:00Z' },
      'accept-legacy': { enabled: true },
    };
    const closed = edit(flags, { acceptance: 'target' });
    expect(closed.document.acceptance).toBe('target');
    expect(closed.document.issuance).toMatchObject({ percent: 100, sinceMs: Date.parse('2026-11-20T00:00:00Z') });
    expect(edit(flags, { issuance: { percent: 0 } }).document.acceptance).toBe('both');
  });

  it('notes when the legacy audience was reopened', () => {
    const { document } = edit({ 'accept-legacy': { enabled: false } }, { acceptance: 'both' });
    expect(document).toMatchObject({ acceptance: 'both', acceptanceSinceMs: nowMs });
  });

  it('leaves other flags and unknown attributes alone', () => {
    const { json } = edit(
      { beta: { enabled: true, note: 'x' }, 'accept-legacy': { enabled: true, owner: 'us' } },
      { acceptance: 'target' },
    );
    expect(json['beta']).toEqual({ enabled: true, note: 'x' });
    expect(json['accept-legacy']).toMatchObject({ enabled: false, owner: 'us' });
  });

  it('works on an empty document, and starts over on a broken one or a broken revision', () => {
    expect(edit({}, { issuance: { percent: 10 } }).revision).toBe('1');
    expect(edit({ 'issue-target': { enabled: true, revision: 'abc' } }, { issuance: { percent: 10 } }).revision).toBe(
      '1',
    );
    const { text } = editFlagDocument('<html>', { issuance: { percent: 0 } }, nowMs);
    expect(parseFlagDocument(text)).toMatchObject({
      ok: true,
      document: { acceptance: 'both', issuance: { percent: 0 } },
    });
  });

  it('begins a brownout with its end, and ends it, beside switches that stay where they are', () => {
    const flags = {
      'issue-target': { enabled: true, percent: 100, revision: '8' },
      'accept-legacy': { enabled: true },
    };
    const untilMs = nowMs + 600_000;
    const begun = edit(flags, { brownout: { percent: 2.5, untilMs } });
    expect(begun.document).toMatchObject({ issuance: { percent: 100, revision: '9' }, acceptance: 'both' });
    expect(begun.document.brownout).toEqual({ percent: 2.5, untilMs });
    const ended = edit(begun.json, { brownout: null, issuance: { percent: 0 } });
    expect(ended.document).toMatchObject({ brownout: null, issuance: { percent: 0 } });
    expect(ended.json['brownout']).toEqual({ enabled: false });
  });

  it('adds no brownout flag to a document that has none when it ends one', () => {
    expect(edit({}, { brownout: null, issuance: { percent: 0 } }).json).not.toHaveProperty('brownout');
  });

  it('repairs a broken brownout when it ends one', () => {
    const { json, document } = edit({ brownout: 'soon' }, { brownout: null });
    expect(json['brownout']).toEqual({ enabled: false });
    expect(document.ignored).toEqual([]);
  });
});
