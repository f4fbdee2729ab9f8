/** The first lines of a generated page. */
export function pageHead(title: string, from: string, intro: string): string {
  return `# ${title}\n\n<!-- Written by \`npm run generate\` from ${from}: change it there. -->\n\n${intro}\n`;
}

/** A table of Markdown; cells are Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`.replaceAll(/ +\|/g, ' |');
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('\n', ' ').replaceAll('|', '\\|');
}

/** Text that is not Markdown yet: neither tags nor emphasis come of it, outside its `code`. */
export function plain(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, at) => (at % 2 === 1 ? part : part.replaceAll('<', '&lt;').replaceAll('*', '\\*')))
    .join('');
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** As a sentence lists words: `a`, `b`, `c`. */
export function codes(names: readonly string[]): string {
  return names.map(code).join(', ');
}

/** The words of a doc comment, without stars and tags of its layout. */
export function commentText(comment: string): string {
  return comment
    .replaceAll(/^\s*\/?\*+\/?/gm, '')
    .replaceAll(/\*\/\s*$/g, '')
    .replaceAll(/\{@link (\w+)\}/g, '`$1`')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
