import type { Style } from '../verb/report.ts';
import { cleanText, fitText, widthOf, wrapText } from './fit-text.ts';

/** Text of one style. */
export interface Span {
  readonly text: string;
  readonly style?: Style;
}

/** One line of a view: no wider than the terminal. */
export type Line = readonly Span[];

/** A part of a view that belongs together: a label and its text. */
export interface Block {
  readonly label: string;
  /** Draws the text in so many columns, in at most so many lines. */
  draw(columns: number, maxLines: number): readonly Line[];
  /** How many lines it takes at most where there is room. */
  readonly lines: number;
  /** Which goes first where the terminal is too low: the highest. 0 stays. */
  readonly drop: number;
}

interface TextOptions {
  readonly style?: Style;
  readonly lines?: number;
  readonly drop?: number;
  readonly ellipsis: string;
}

/** A label with a text, which is cleaned, wrapped and cut. */
export function textBlock(label: string, text: string, { style, lines = 1, drop = 0, ellipsis }: TextOptions): Block {
  const clean = cleanText(text);
  return {
    label,
    lines,
    drop,
    draw: (columns, maxLines) =>
      wrapText(clean, columns, maxLines, ellipsis).map((line) => [
        { text: line, ...(style !== undefined && { style }) },
      ]),
  };
}

/** An empty line, the first to go. */
export const GAP: Block = { label: '', lines: 1, drop: 9, draw: () => [[{ text: '' }]] };

const WIDE_LABEL = 11;
const NARROW_LABEL = 10;
/** What a name keeps beside a long text. */
const MIN_NAME = 12;
/** Below this many columns the labels stand closer. */
const NARROW = 60;

/** Lays blocks out below each other in a terminal of so many columns and rows. */
export function layOut(blocks: readonly Block[], columns: number, rows: number): readonly Line[] {
  const draw = (kept: readonly Block[], limit: number) => kept.flatMap((block) => drawBlock(block, columns, limit));
  let kept = blocks;
  let lines = draw(kept, Number.POSITIVE_INFINITY);
  while (lines.length > rows) {
    const highest = Math.max(...kept.map(({ drop }) => drop));
    // Empty lines go first, then second lines, then whole blocks.
    if (highest < GAP.drop) {
      lines = draw(kept, 1);
      if (lines.length <= rows || highest === 0) break;
    }
    kept = kept.filter(({ drop }) => drop < highest);
    lines = draw(kept, highest < GAP.drop ? 1 : Number.POSITIVE_INFINITY);
  }
  return lines.slice(0, Math.max(0, rows));
}

function drawBlock({ label, lines, draw }: Block, columns: number, limit: number): readonly Line[] {
  const labelColumns = columns < NARROW ? NARROW_LABEL : WIDE_LABEL;
  return draw(columns - labelColumns, Math.min(lines, limit)).map((line, at) => {
    const shown = at === 0 ? fitText(label, labelColumns - 1) : '';
    return [{ text: shown.padEnd(labelColumns), style: 'dim' }, ...line];
  });
}

/** A line with a name and what follows it at its left, and something at its right end; the name is cut first. */
export function edges(name: string, left: Line, right: string, columns: number, ellipsis: string): Line {
  const room = Math.max(0, columns - widthOf(right) - 1);
  const followed = left.reduce((sum, { text }) => sum + widthOf(text), 0);
  const nameColumns = Math.min(room, Math.max(MIN_NAME, room - followed));
  const spans: Span[] = [{ text: fitText(cleanText(name), nameColumns, ellipsis), style: 'bold' }];
  let free = room - widthOf(spans[0]?.text ?? '');
  for (const span of left) {
    const text = fitText(cleanText(span.text), free, ellipsis);
    free -= widthOf(text);
    spans.push({ ...span, text });
  }
  return [...spans, { text: ' '.repeat(Math.max(1, free + 1)) }, { text: fitText(right, columns), style: 'dim' }];
}
