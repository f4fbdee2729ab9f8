import { isatty } from 'node:tty';

/** The terminal that a program runs on, beyond its streams. */
export interface Terminal {
  size(): { readonly columns: number; readonly rows: number };
  /** Calls back after each change of size. Returns what ends that. */
  onResize(listener: () => void): () => void;
  /**
   * Calls `leave` before the process stops (Ctrl-Z) or ends in whatever way it still notices, and `enter` after it goes on.
   * Returns what ends that.
   */
  onInterruption(listener: { leave(): void; enter(): void }): () => void;
  /** Stops the process as Ctrl-Z does; for a terminal in raw mode, where that is a key like any other. */
  suspend(): void;
}

/** A terminal of 80 columns and 24 rows that nothing interrupts: where the program has none of its own. */
export const FIXED_TERMINAL: Terminal = {
  size: () => ({ columns: 80, rows: 24 }),
  onResize: () => () => {},
  onInterruption: () => () => {},
  suspend() {},
};

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdout } = process;
  return {
    // A pseudo-terminal without a size reports 0.
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    onResize(listener) {
      stdout.on('resize', listener);
      return () => stdout.off('resize', listener);
    },
    onInterruption({ leave, enter }) {
      const stop = () => {
        leave();
        process.kill(process.pid, 'SIGSTOP');
      };
      process.on('SIGTSTP', stop).on('SIGCONT', enter).on('exit', leave);
      return () => process.off('SIGTSTP', stop).off('SIGCONT', enter).off('exit', leave);
    },
    // The whole group, as the terminal does it: a shell sees the job stop, whatever started it.
    suspend: () => process.kill(0, 'SIGTSTP'),
  };
}

/** Whether this process was started on a terminal that was closed meanwhile. */
export function isTerminalGone(): boolean {
  return [process.stdin, process.stdout, process.stderr].some(({ isTTY, fd }) => isTTY && !isatty(fd));
}
