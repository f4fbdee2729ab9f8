const CTRL_C = '\u0003';

/** What a terminal's stdin can do that another stream cannot. */
interface RawInput extends NodeJS.ReadableStream {
  setRawMode(mode: boolean): unknown;
  readonly isRaw?: boolean;
}

/**
 * Aborts the returned signal when the operator presses `q` or Ctrl-C, or when `signal` is aborted. Without a terminal only the
 * latter.
 * @returns the signal, and what gives the terminal back as it was. Call it in any case.
 */
export function listenForQuit(
  stdin: NodeJS.ReadableStream | undefined,
  signal: AbortSignal,
): { readonly signal: AbortSignal; restore(): void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  if (!isRawInput(stdin))
    return { signal: controller.signal, restore: () => signal.removeEventListener('abort', abort) };
  // In raw mode Ctrl-C is a key like any other.
  const press = (key: Buffer | string) => {
    if (/[qQ]/.test(String(key)) || String(key).includes(CTRL_C)) abort();
  };
  stdin.setRawMode(true);
  stdin.on('data', press);
  return {
    signal: controller.signal,
    restore() {
      signal.removeEventListener('abort', abort);
      stdin.off('data', press);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}

function isRawInput(stdin: NodeJS.ReadableStream | undefined): stdin is RawInput {
  return stdin !== undefined && 'setRawMode' in stdin && typeof stdin.setRawMode === 'function';
}
