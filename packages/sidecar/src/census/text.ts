const MAX_LENGTH = 200;
const CUT = '…';

/** Whatever a terminal or a page would obey or hide: control, format and line-breaking characters, lone surrogates. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Makes a text of an unverified token safe to show: bounded, on one line, without characters that do something. */
export function cleanText(text: string): string {
  const bounded = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}${CUT}` : text;
  return bounded.replace(UNSAFE, '\uFFFD');
}

/** Whether a shown text lacks something. */
export function isCut(text: string | null): boolean {
  return text?.endsWith(CUT) ?? false;
}
