/**
 * Runs work, and runs it again beside itself when it takes longer than `afterMs`: the first success counts, and the other
 * attempt is aborted. For reading from a server whose last connection may be dead without a sign: a firewall dropped it, or
 * the server had a bad moment. Rejects as the first attempt does if that fails early, else when both have failed.
 */
export function withSecondAttempt<T>(
  afterMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const abort = () => ending.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });

  return new Promise<T>((resolve, reject) => {
    let open = 0;
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      settle();
      ending.abort();
    };
    const attempt = () => {
      open += 1;
      work(ending.signal).then(
        (value) => end(() => resolve(value)),
        (error: unknown) => {
          open -= 1;
          if (open === 0) end(() => reject(error));
        },
      );
    };
    const timer = setTimeout(attempt, afterMs).unref();
    attempt();
  });
}
