import { ConfigError, type MoveNote } from '@crossfade/core';
import type { Invocation } from '../verb/verb.ts';

const MAX_REASON = 200;
/** Printable text in one line: it goes into the store's own descriptions. */
const REASON = /^[^\p{C}\p{Zl}\p{Zp}]*$/u;

/**
 * Returns who makes a move, and why, for the record in the store.
 * @throws `ConfigError` when `--reason` is too long or holds control characters.
 */
export function moveNote({ options, operator }: Pick<Invocation, 'options' | 'operator'>, verb: string): MoveNote {
  const reason = options.text('reason')?.trim();
  if (reason === undefined) return { verb, operator };
  if (reason === '' || reason.length > MAX_REASON || !REASON.test(reason)) {
    const message = `must be 1 to ${MAX_REASON} characters in one line`;
    throw new ConfigError(verb, [{ path: '--reason', message }]);
  }
  return { verb, operator, reason };
}
