/** What `Report.style` writes; or a control character but tab and line feed, or what reorders text: a terminal obeys them. */
const STYLE_OR_HIDDEN = /\p{Cc}\[(?:0|1|2|31|32|33)m|(?![\t\n])\p{Cc}|[\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * Replaces what a terminal would obey, and not show, by U+FFFD. Names of operators, descriptions of deployments, ids of clients and
 * metadata come from outside.
 */
export function visibleText(text: string): string {
  const isStyle = (found: string) => found.length > 1 && found.startsWith('\u001B');
  return text.replace(STYLE_OR_HIDDEN, (found) => (isStyle(found) ? found : `\uFFFD${found.slice(1)}`));
}

/** The same in one line: text from outside must not look like another line of the report. */
export function visibleLine(text: string): string {
  return visibleText(text.replace(/\r?\n/g, ' '));
}
