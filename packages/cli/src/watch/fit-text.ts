import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Control and format characters: an operator's reason or a store's text may hold them, and a terminal would obey. */
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** Makes text from elsewhere safe for a terminal, in one line. */
export function cleanText(text: string): string {
  return stripVTControlCharacters(text).replace(CONTROLS, ' ');
}

export function widthOf(text: string): number {
  return stringWidth(text);
}

/** Cuts text to a number of columns; text that was cut ends in `…`, or `~` without Unicode. */
export function fitText(text: string, columns: number, ellipsis = '…'): string {
  if (widthOf(text) <= columns) return text;
  return columns < 1 ? '' : `${head(text, columns - 1)}${ellipsis}`;
}

/** Breaks text at its spaces into at most `maxLines` lines of a number of columns; the last one is cut where it must be. */
export function wrapText(text: string, columns: number, maxLines: number, ellipsis = '…'): string[] {
  const lines: string[] = [];
  let rest = text.trim();
  while (rest !== '' && lines.length < maxLines - 1 && widthOf(rest) > columns) {
    const start = head(rest, columns + 1);
    const space = start.lastIndexOf(' ');
    const line = space > 0 ? start.slice(0, space) : head(rest, columns);
    lines.push(line.trimEnd());
    rest = rest.slice(line.length).trimStart();
  }
  if (rest !== '' || lines.length === 0) lines.push(fitText(rest, columns, ellipsis));
  return lines;
}

/** The longest beginning that fits. */
function head(text: string, columns: number): string {
  let taken = '';
  let width = 0;
  for (const { segment } of SEGMENTER.segment(text)) {
    width += widthOf(segment);
    if (width > columns) break;
    taken += segment;
  }
  return taken;
}
