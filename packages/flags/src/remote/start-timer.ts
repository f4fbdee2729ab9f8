/**
 * Calls `onTime` after `ms`, unless stopped before. Browsers and phones have no `unref`; in Node it keeps no process alive.
 * @returns what stops it.
 */
export function startTimer(ms: number, onTime: () => void): () => void {
  const timer: { unref?: () => unknown } | number = setTimeout(onTime, ms);
  if (typeof timer === 'object') timer.unref?.();
  return () => clearTimeout(timer as number);
}
