import type { Side } from '@crossfade/core';
import type { IssuerKeys } from '../keys/issuer-keys.ts';
import type { SideSettings } from '../policy/side-settings.ts';
import type { ValidatorSettings } from '../settings/validator-settings.ts';

/**
 * Why no token of a side can be verified; `undefined` while one can.
 *
 * A side whose opaque tokens are introspected may have no keys at all. It does without them if its introspection endpoint
 * is known and its keys are not, or if its issuer responds that it publishes none.
 */
export function missingKeys(
  side: Side,
  { issuer }: Pick<SideSettings, 'issuer'>,
  keys: IssuerKeys,
  { introspection, issuers }: Pick<ValidatorSettings, 'introspection' | 'issuers'>,
): string | undefined {
  const missing = keys.missing();
  if (missing === undefined) return undefined;
  const endpoint = introspection.find(({ sides }) => sides.includes(side))?.endpoint;
  if (endpoint === undefined) return missing.what;
  const source = issuers.find(({ names }) => names.includes(issuer))?.keys;
  const needsNone = source === 'metadata' && (endpoint !== 'metadata' || missing.isDefinite);
  return needsNone ? undefined : missing.what;
}
