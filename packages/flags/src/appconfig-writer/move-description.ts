import type { MoveNote, RecordedPosition } from '@crossfade/core';
import { z } from 'zod';

/** AppConfig takes no longer description, and ASCII only. */
const MAX_LENGTH = 1024;
const MARK = ' #';

export interface DescribedMove {
  readonly revision: string;
  readonly from?: RecordedPosition;
  readonly to: RecordedPosition;
  readonly note: MoveNote;
}

const position = z.tuple([z.number(), z.enum(['both', 'target'])]);
const record = z.object({
  v: z.string(),
  o: z.string(),
  r: z.string().exactOptional(),
  s: z.array(z.string()).exactOptional(),
  e: z.string().exactOptional(),
  rev: z.string(),
  f: position.exactOptional(),
  t: position,
});

/**
 * Describes a move for the AppConfig console, and after `#` for Crossfade itself. What does not fit is left out: first the end of
 * the evidence, then all of it, then the reason.
 */
export function describeMove(move: DescribedMove): string {
  const { verb, operator, reason } = move.note;
  const before = move.from === undefined ? '' : `${textOf(move.from)} -> `;
  const sentence = (why: string | undefined) =>
    ascii(
      `crossfade ${verb}: ${before}${textOf(move.to)}, by ${operator}${why === undefined ? '' : `, because ${why}`}`,
    );
  const { evidence, ...brief } = move.note;
  const { reason: _reason, ...briefest } = brief;
  const texts = [
    `${sentence(reason)}${MARK}${recordOf(move, move.note)}`,
    ...(evidence === undefined ? [] : [withCutEvidence(move, evidence, `${sentence(reason)}${MARK}`)]),
    `${sentence(reason)}${MARK}${recordOf(move, brief)}`,
    `${sentence(undefined)}${MARK}${recordOf(move, briefest)}`,
  ];
  return texts.find((text) => text.length <= MAX_LENGTH) ?? sentence(undefined).slice(0, MAX_LENGTH);
}

/** Less than this says nothing. */
const LEAST_EVIDENCE = 60;
const CUT = ' ...';

/** Keeps as much of the evidence as fits. A character may take several in JSON. */
function withCutEvidence(move: DescribedMove, evidence: string, before: string): string {
  const describe = (length: number) =>
    `${before}${recordOf(move, { ...move.note, evidence: `${evidence.slice(0, length)}${CUT}` })}`;
  let length = evidence.length;
  for (let text = describe(length); text.length > MAX_LENGTH && length > LEAST_EVIDENCE; text = describe(length))
    length -= Math.max(1, Math.min(length - LEAST_EVIDENCE, Math.floor((text.length - MAX_LENGTH) / 6)));
  return describe(length);
}

/** Reads a description that {@link describeMove} wrote; `undefined` of any other. */
export function parseMoveDescription(description: string | undefined): DescribedMove | undefined {
  const at = description?.lastIndexOf(`${MARK}{`) ?? -1;
  if (description === undefined || at < 0) return undefined;
  const { data } = record.safeParse(parse(description.slice(at + MARK.length)));
  if (data === undefined) return undefined;
  const { v, o, r, s, e, rev, f, t } = data;
  return {
    revision: rev,
    ...(f !== undefined && { from: { percent: f[0], acceptance: f[1] } }),
    to: { percent: t[0], acceptance: t[1] },
    note: {
      verb: v,
      operator: o,
      ...(r !== undefined && { reason: r }),
      ...(s !== undefined && { skipped: s }),
      ...(e !== undefined && { evidence: e }),
    },
  };
}

/** Returns the sentence of a description, without the record. */
export function sentenceOf(description: string): string {
  const at = description.lastIndexOf(`${MARK}{`);
  return at < 0 ? description : description.slice(0, at);
}

function recordOf(
  { revision, from, to }: DescribedMove,
  { verb, operator, reason, skipped, evidence }: MoveNote,
): string {
  const short = {
    v: verb,
    o: operator,
    ...(reason !== undefined && { r: reason }),
    ...(skipped !== undefined && skipped.length > 0 && { s: skipped }),
    ...(evidence !== undefined && { e: evidence }),
    rev: revision,
    ...(from !== undefined && { f: [from.percent, from.acceptance] }),
    t: [to.percent, to.acceptance],
  };
  return JSON.stringify(short).replace(
    /[^\x20-\x7e]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function textOf({ percent, acceptance }: RecordedPosition): string {
  return `${percent}% ${acceptance}`;
}

function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
