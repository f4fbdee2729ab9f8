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
 * Opens whom the settings want asked about opaque tokens; `undefined` when that is nobody.
 * @param keysOf - the keys of an issuer that the settings name, for answers that are signed.
 */
export function openIntrospection(
  settings: OpenIntrospectionOptions,
  keysOf: (issuer: string) => IssuerKeys | undefined,
): Introspection | undefined {
  const { introspection, clockToleranceSeconds, cache, now } = settings;
  const endpoints = introspection.flatMap((asked) => {
    const keys = keysOf(asked.issuer);
    return keys === undefined ? [] : [openIntrospectionEndpoint(asked, { keys, clockToleranceSeconds, now })];
  });
  return endpoints.length === 0 ? undefined : createIntrospection({ endpoints, policy: settings, cache, now });
}
