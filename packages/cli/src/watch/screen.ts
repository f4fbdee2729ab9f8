import type { Io } from '../verb/io.ts';
import type { Report } from '../verb/report.ts';
import type { Terminal } from '../verb/terminal.ts';
import type { Line } from './block.ts';
import { fitText } from './fit-text.ts';

/** The alternate screen, without cursor and without wrapping: what stood on the terminal comes back unharmed. */
const ENTER = '\u001B[?1049h\u001B[?25l\u001B[?7l\u001B[H\u001B[2J';
const LEAVE = '\u001B[?7h\u001B[?25h\u001B[?1049l';
const HOME = '\u001B[H';
const CLEAR_TO_LINE_END = '\u001B[K';
const CLEAR_BELOW = '\u001B[J';

/** A terminal that frames are rewritten on. */
export interface Screen {
  /** Shows a frame in place of the one before, in one write. */
  show(lines: readonly Line[]): void;
  /** Takes the terminal, again after the process was stopped. */
  enter(): void;
  /** Gives the terminal back as it was. Harmless if it is not taken. */
  leave(): void;
  /** Gives the terminal back, and leaves the last frame on it as text. */
  close(): void;
}

export function createScreen(stdout: Io['stdout'], terminal: Terminal, report: Pick<Report, 'style'>): Screen {
  let isTaken = false;
  let last: readonly string[] = [];
  const leave = () => {
    if (isTaken) stdout.write(LEAVE);
    isTaken = false;
  };
  return {
    show(lines) {
      const { columns } = terminal.size();
      last = lines.map((line) => paint(line, columns, report));
      if (isTaken)
        stdout.write(`${HOME}${last.map((line) => `${line}${CLEAR_TO_LINE_END}`).join('\r\n')}${CLEAR_BELOW}`);
    },
    enter() {
      if (!isTaken) stdout.write(ENTER);
      isTaken = true;
    },
    leave,
    close() {
      const wasTaken = isTaken;
      leave();
      if (wasTaken && last.length > 0) stdout.write(`${last.join('\n')}\n`);
    },
  };
}

/** The last guard of the width: a terminal may have shrunk since the line was laid out. */
function paint(line: Line, columns: number, { style }: Pick<Report, 'style'>): string {
  let free = columns;
  let painted = '';
  for (const span of line) {
    const text = fitText(span.text, free, '');
    free -= text === span.text ? [...text].length : free;
    painted += span.style === undefined || text === '' ? text : style(span.style, text);
  }
  return painted.trimEnd();
}
