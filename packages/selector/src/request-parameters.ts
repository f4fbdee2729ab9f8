import { type Dialect, dialectRules } from './dialect.ts';
import type { SelectableSide } from './selectable-side.ts';

/**
 * The request parameters that ask for a side, in the provider's dialect; by default `scope`, and `resource` where the
 * side has one. An empty scope is left out, so that the provider's default holds. Does not check the side.
 * @see RFC 6749 §3.3, RFC 8707 §2
 */
export function requestParameters(side: SelectableSide, dialect?: Dialect): Readonly<Record<string, string>> {
  return Object.freeze({ ...dialectRules(dialect).parameters(side) });
}
