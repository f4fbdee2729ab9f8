import type { TrafficPart } from './traffic.ts';

/** The characters that a view is drawn with: each part of the mix has a shape of its own, so that none needs a colour. */
export interface Glyphs {
  readonly parts: Readonly<Record<TrafficPart, string>>;
  /** From the lowest share to the highest. */
  readonly levels: string;
  /** A moment without a known share. */
  readonly gap: string;
  readonly ellipsis: string;
}

const UNICODE: Glyphs = {
  parts: { legacy: '█', target: '░', bridge: '▒', none: '·', other: '?' },
  levels: '▁▂▃▄▅▆▇█',
  gap: ' ',
  ellipsis: '…',
};

const ASCII: Glyphs = {
  parts: { legacy: 'L', target: 't', bridge: 'B', none: '.', other: '?' },
  levels: '0123456789',
  gap: ' ',
  ellipsis: '~',
};

/** Chooses the characters that a terminal can show: ASCII on the Linux console, and where the locale names another encoding. */
export function glyphsFor(env: Readonly<Record<string, string | undefined>>): Glyphs {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  const isAscii = env['TERM'] === 'linux' || (locale !== '' && !/utf-?8/i.test(locale));
  return isAscii ? ASCII : UNICODE;
}
