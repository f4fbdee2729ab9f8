import { createInterface } from 'node:readline';
import type { Io } from './io.ts';
import { visibleLine, visibleText } from './visible-text.ts';

const STYLES = { green: 32, yellow: 33, red: 31, dim: 2, bold: 1 } as const;
export type Style = keyof typeof STYLES;
const LABEL_WIDTH = 14;
const CLEAR_LINE = '\r\u001B[2K';

/** Prints what a verb reports. With `--json` stdout stays free for the one document. */
export interface Report {
  /** An operator watches and can answer. */
  readonly isTerminal: boolean;
  /** Prints a line of the result. */
  print(line?: string): void;
  /** Prints a line of the result that begins with a label. */
  field(label: string, text: string, style?: Style): void;
  /** Prints a warning on stderr, also with `--json`. */
  warn(line: string): void;
  /** Shows progress in one line that is overwritten, on a terminal only. */
  progress(line: string): void;
  /** Asks on stderr. Returns `undefined` if there is no reply. */
  ask(question: string): Promise<string | undefined>;
  style(style: Style, text: string): string;
}

export function createReport(io: Io, format: 'text' | 'json'): Report {
  const isTerminal = io.isTerminal === true;
  const hasColour = isTerminal && (io.env['NO_COLOR'] ?? '') === '' && io.env['TERM'] !== 'dumb';
  let inProgress = false;

  function endProgress(): void {
    if (inProgress) io.stderr.write(CLEAR_LINE);
    inProgress = false;
  }

  function print(line = ''): void {
    endProgress();
    if (format === 'text') io.stdout.write(`${visibleText(line)}\n`);
  }

  function applyStyle(style: Style, text: string): string {
    return hasColour ? `\u001B[${STYLES[style]}m${text}\u001B[0m` : text;
  }

  return {
    isTerminal,
    print,
    field(label, text, style = 'dim') {
      print(`  ${applyStyle(style, visibleLine(label).padEnd(LABEL_WIDTH))} ${visibleLine(text)}`);
    },
    style: applyStyle,
    warn(line) {
      endProgress();
      io.stderr.write(`${visibleText(line)}\n`);
    },
    progress(line) {
      if (!isTerminal) return;
      io.stderr.write(`${CLEAR_LINE}${visibleLine(line)}`);
      inProgress = true;
    },
    async ask(question) {
      endProgress();
      if (!isTerminal || io.stdin === undefined) return undefined;
      io.stderr.write(`${question} `);
      return firstLine(io.stdin, io.signal);
    },
  };
}

async function firstLine(input: NodeJS.ReadableStream, signal: AbortSignal | undefined): Promise<string | undefined> {
  const lines = createInterface({ input, ...(signal !== undefined && { signal }) });
  try {
    for await (const line of lines) return line;
    return undefined;
  } finally {
    lines.close();
  }
}
