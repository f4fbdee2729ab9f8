/** In how many parts a timeout is waited for. */
const PARTS = 8;

/**
 * Settles as `work` does, and rejects with what `late` returns after the timeout. The time is waited for in parts: what a
 * process spends paused (SIGSTOP, a frozen container) or busy counts as one of them, because the response may be in its
 * socket, unread. Keeps no process alive.
 */
export async function settleWithin<T>(timeoutMs: number, work: PromiseLike<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    let parts = PARTS;
    const wait = () => {
      parts -= 1;
      // A last reading comes between a timer and an immediate.
      if (parts < 0) setImmediate(() => reject(late()));
      else timer = setTimeout(wait, timeoutMs / PARTS).unref();
    };
    wait();
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}
