const CTRL_C = '\u0003';
const CTRL_Z = '\u001A';

/** What a terminal's stdin can do that another stream cannot. */
interface RawInput extends NodeJS.ReadableStream {
  setRawMode(mode: boolean): unknown;
}

/** The keys of a view, while it has the terminal. */
export interface Keys {
  /** Reads keys one by one, without showing them. */
  take(): void;
  /** Gives the terminal back as it was. Harmless if it is not taken. */
  release(): void;
}

/** Calls back at `q` and Ctrl-C, when the terminal is gone, and at Ctrl-Z. Without a terminal it hears none. */
export function listenForKeys(
  stdin: NodeJS.ReadableStream | undefined,
  { quit, suspend }: { quit(): void; suspend(): void },
): Keys {
  if (!isRawInput(stdin)) return { take() {}, release() {} };
  let isTaken = false;
  // In raw mode Ctrl-C and Ctrl-Z are keys like any other.
  const press = (key: Buffer | string) => {
    const text = String(key);
    if (/[qQ]/.test(text) || text.includes(CTRL_C)) quit();
    else if (text.includes(CTRL_Z)) suspend();
  };
  return {
    take() {
      if (isTaken) return;
      isTaken = true;
      stdin.on('data', press).on('end', quit).on('error', quit);
      stdin.setRawMode(true);
      stdin.resume();
    },
    release() {
      if (!isTaken) return;
      isTaken = false;
      // Of a terminal that is gone it emits an error.
      stdin.setRawMode(false);
      stdin.off('data', press).off('end', quit).off('error', quit);
      stdin.pause();
    },
  };
}

function isRawInput(stdin: NodeJS.ReadableStream | undefined): stdin is RawInput {
  return stdin !== undefined && 'setRawMode' in stdin && typeof stdin.setRawMode === 'function';
}
