/** One hop of a `Forwarded` header; names in lower case. */
export type ForwardedElement = ReadonlyMap<string, string>;

const PAIR = /\s*([!#$%&'*+\-.^_`|~\w]+)=(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+\-.^_`|~\w]*))\s*([;,]|$)/y;

/**
 * Reads the values of a `Forwarded` header, client first.
 * @returns `undefined` for a header that does not follow the grammar: its commas cannot be told from those in quotes.
 * @see RFC 7239 §4
 */
export function forwardedElements(values: readonly string[]): readonly ForwardedElement[] | undefined {
  const text = values.join(',');
  const elements: Map<string, string>[] = [new Map()];
  const pair = new RegExp(PAIR);
  while (pair.lastIndex < text.length) {
    const [, name, quoted, token, end] = pair.exec(text) ?? [];
    if (name === undefined) return undefined;
    elements.at(-1)?.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? token ?? '');
    if (end === ',') elements.push(new Map());
  }
  return elements;
}
