import type { SelectableSide } from './selector.ts';

/**
 * The request parameters that ask for a side: `scope`, and `resource` where the side has one. Suits OpenID providers
 * that choose the audience by scope or by resource indicator; an empty scope is left out, so that the provider's
 * default holds.
 * @see RFC 6749 §3.3, RFC 8707 §2
 */
export function requestParameters({ scope, resource }: SelectableSide): Readonly<Record<string, string>> {
  return Object.freeze({ ...(scope !== '' && { scope }), ...(resource !== undefined && { resource }) });
}
