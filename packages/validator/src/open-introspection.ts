import { createIntrospection, type Introspection } from './introspection.ts';
import { openIntrospectionEndpoint } from './introspection-endpoint.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import type { ValidatorSettings } from './validator-settings.ts';

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
