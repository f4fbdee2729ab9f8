/** A code block of a page, in the order of the page. */
export type Block =
  /** A file that the reader writes: its first line is `js api.js`. */
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  /** Commands, and what the page says that they print, if it says so. */
  | { readonly kind: 'commands'; readonly text: string; readonly line: number; readonly expected?: string };

const FENCE = /^```(\S+)(?: (\S+))?\n([\s\S]*?)^```$/gm;

/**
 * Reads the code blocks of a tutorial: `sh` is run, `text` is what the commands above it print, and a block with the name of a
 * file is that file. @throws on a block that is none of these: nothing on the page may go unplayed.
 */
export function readPage(markdown: string): Block[] {
  const blocks: Block[] = [];
  for (const { 1: language = '', 2: path, 3: text = '', index } of markdown.matchAll(FENCE)) {
    const line = markdown.slice(0, index).split('\n').length;
    const last = blocks.at(-1);
    if (path !== undefined) blocks.push({ kind: 'file', path, text });
    else if (language === 'sh') blocks.push({ kind: 'commands', text, line });
    else if (language === 'text' && last?.kind === 'commands' && last.expected === undefined) {
      blocks[blocks.length - 1] = { ...last, expected: text };
    } else throw new Error(`line ${line}: a ${language} block that is no file, no command and no output of a command`);
  }
  return blocks;
}

/** Returns whether a program printed what the page shows. A line `...` stands for any lines, also none. */
export function matches(printed: string, expected: string): boolean {
  const pattern = linesOf(expected)
    .map((line) => (line === '...' ? '(?:.*\\n)*?' : `${line.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}\\n`))
    .join('');
  return new RegExp(`^${pattern}$`).test(
    linesOf(printed)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

/** What differs from run to run is told by its kind: moments, durations and how a shell reports its jobs. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => !/^(\[\d+\]|.*: line \d+: +\d+ (Terminated|Killed))/.test(line))
    .map((line) =>
      line
        .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?/g, '<time>')
        .replaceAll(/\b\d+(\.\d+)?(ms|s|m|h)\b( \d+s\b)?( ago)?/g, '<duration>')
        .replaceAll('(in <duration>)', '(<duration>)')
        .replace(/(advance|rollback|close) by [^\s,]+/, '$1 by you')
        .replaceAll(/up to \d+ bytes|; \d+ requests accepted/g, '<count>')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
    .filter((line) => line !== '');
}
