import { createInterface } from 'node:readline';
import type { Io } from './io.ts';

const COLOURS = { green: 32, yellow: 33, red: 31, dim: 2, bold: 1 } as const;
export type Colour = keyof typeof COLOURS;
const LABEL_WIDTH = 14;
const CLEAR_LINE = '\r\u001B[2K';

/** What a verb says, and to whom. With `--json` stdout stays free for the one document. */
export interface Report {
  /** Somebody watches and can answer. */
  readonly isTerminal: boolean;
  /** The result, for people. */
  say(line?: string): void;
  /** A line of the result that begins with what it is about. */
  field(label: string, text: string, colour?: Colour): void;
  /** What people must know beside the result: on stderr, also with `--json`. */
  warn(line: string): void;
  /** What is going on: one line that is written over, on a terminal only. */
  progress(line: string): void;
  /** Begins the screen anew, on a terminal only. */
  clearScreen(): void;
  /** Asks on stderr. `undefined` when nobody answers. */
  ask(question: string): Promise<string | undefined>;
  paint(colour: Colour, text: string): string;
}

export function createReport(io: Io, format: 'text' | 'json'): Report {
  const isTerminal = io.isTerminal === true;
  const hasColour = isTerminal && (io.env['NO_COLOR'] ?? '') === '' && io.env['TERM'] !== 'dumb';
  let inProgress = false;

  function endProgress(): void {
    if (inProgress) io.stderr.write(CLEAR_LINE);
    inProgress = false;
  }

  function say(line = ''): void {
    endProgress();
    if (format === 'text') io.stdout.write(`${line}\n`);
  }

  function paint(colour: Colour, text: string): string {
    return hasColour ? `\u001B[${COLOURS[colour]}m${text}\u001B[0m` : text;
  }

  return {
    isTerminal,
    say,
    field(label, text, colour = 'dim') {
      say(`  ${paint(colour, label.padEnd(LABEL_WIDTH))} ${text}`);
    },
    paint,
    warn(line) {
      endProgress();
      io.stderr.write(`${line}\n`);
    },
    progress(line) {
      if (!isTerminal) return;
      io.stderr.write(`${CLEAR_LINE}${line}`);
      inProgress = true;
    },
    clearScreen() {
      if (isTerminal && format === 'text') io.stdout.write('\u001B[2J\u001B[3J\u001B[H');
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
