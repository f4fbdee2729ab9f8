import type { Clock } from '@crossfade/core';
import type { IssuerKeys } from '../keys/issuer-keys.ts';
import type { Policy } from '../policy/side-settings.ts';
import { createIntrospection, type Introspection } from './introspection.ts';
import type { IntrospectionCacheLimits } from './introspection-cache.ts';
import { openIntrospectionEndpoint } from './introspection-endpoint.ts';
import type { IntrospectionSettings } from './introspection-options.ts';

interface OpenIntrospectionOptions extends Policy {
  /** In the order in which their responses count. */
  readonly introspection: readonly IntrospectionSettings[];
  readonly clockToleranceSeconds: number;
  readonly cache: IntrospectionCacheLimits | false;
  readonly now: Clock;
}

/**
 * Opens the introspection endpoints of the settings; `undefined` if there are none.
 * @param keysOf - the keys of an issuer in the settings, to verify signed responses with.
 */
export function openIntrospection(
  settings: OpenIntrospectionOptions,
  keysOf: (issuer: string) => IssuerKeys | undefined,
): Introspection | undefined {
  const { introspection, clockToleranceSeconds, cache, now } = settings;
  const endpoints = introspection.flatMap((endpoint) => {
    const keys = keysOf(endpoint.issuer);
    return keys === undefined ? [] : [openIntrospectionEndpoint(endpoint, { keys, clockToleranceSeconds, now })];
  });
  return endpoints.length === 0 ? undefined : createIntrospection({ endpoints, policy: settings, cache, now });
}
