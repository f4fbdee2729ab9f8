import type { JudgementBatchHead, JudgementRecord } from './judgement-batch.ts';

/** Reasons younger than version 2 of the format, and what an older collector counts in their place. */
const OLDER_REASONS: Readonly<Record<string, 'legacy_closed'>> = { brownout: 'legacy_closed' };

/**
 * Returns a batch in the words of a collector that is older than this sender, or `undefined` where nothing differs. A
 * brownout's refusals are those of a close: the token counts as seen, with the time until which it is valid, and as rejected.
 * A disagreement about one is left out: the API of a validator that stopped its own share takes such tokens on purpose.
 */
export function olderBatch(text: string): string | undefined {
  const lines = text.trimEnd().split('\n');
  const older = lines.flatMap((line) => {
    const record: JudgementBatchHead | JudgementRecord = JSON.parse(line);
    const reason = 'reason' in record ? OLDER_REASONS[record.reason] : undefined;
    if (reason === undefined) return [line];
    return 'kind' in record && record.kind === 'disagreement' ? [] : [JSON.stringify({ ...record, reason })];
  });
  const changed = `${older.join('\n')}\n`;
  return changed === text ? undefined : changed;
}
