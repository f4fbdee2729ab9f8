import type { IssuerKeys } from '../keys/issuer-keys.ts';
import type { ValidatorSettings } from '../settings/validator-settings.ts';
import { createIntrospection, type Introspection } from './introspection.ts';
import { openIntrospectionEndpoint } from './introspection-endpoint.ts';

/**
 * Opens whom the settings want asked about opaque tokens; `undefined` when that is nobody.
 * @param keysOf - the keys of an issuer that the settings name, for answers that are signed.
 */
export function openIntrospection(
  settings: ValidatorSettings,
  keysOf: (issuer: string) => IssuerKeys | undefined,
): Introspection | undefined {
  const { introspection, clockToleranceSeconds, cache, now } = settings;
  const endpoints = introspection.flatMap((asked) => {
    const keys = keysOf(asked.issuer);
    return keys === undefined ? [] : [openIntrospectionEndpoint(asked, { keys, clockToleranceSeconds, now })];
  });
  return endpoints.length === 0 ? undefined : createIntrospection({ endpoints, policy: settings, cache, now });
}
