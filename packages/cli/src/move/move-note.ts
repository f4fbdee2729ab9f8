import { ConfigError, type MoveNote } from '@crossfade/core';
import type { Invocation } from '../verb/verb.ts';

const MAX_REASON = 200;
/** Printable text in one line: it goes into the store's own descriptions. */
const REASON = /^[^\p{C}\p{Zl}\p{Zp}]*$/u;

/**
 * Returns who makes a move, and why, for the record in the store.
 * @param skipped what the operator told the CLI to skip.
 * @throws `ConfigError` when `--reason` is too long or holds control characters.
 */
export function moveNote(
  { options, operator }: Pick<Invocation, 'options' | 'operator'>,
  verb: string,
  skipped: readonly string[] = [],
): MoveNote {
  const note = { verb, operator, ...(skipped.length > 0 && { skipped }) };
  const reason = options.text('reason')?.trim();
  if (reason === undefined) return note;
  if (reason === '' || reason.length > MAX_REASON || !REASON.test(reason)) {
    const message = `must be 1 to ${MAX_REASON} characters in one line`;
    throw new ConfigError(verb, [{ path: '--reason', message }]);
  }
  return { ...note, reason };
}
