import { stringify } from 'yaml';
import type { Tempo } from '../ledger/timing.ts';

export const LEGACY_RESOURCE = { resource: 'urn:rehearsal:default', audience: 'default-api', scope: '' } as const;
export const TARGET_RESOURCE = {
  resource: 'https://api.example.com/orders',
  audience: 'https://api.example.com/orders',
  scope: 'orders:read',
} as const;
export const FLAG_LOCATION = {
  application: 'orders',
  environment: 'rehearsal',
  profile: 'audience-migration',
} as const;
export const REGION = 'eu-central-1';

/** Where the parts of a rehearsal stand; all that its plan can't know beforehand. */
export interface Premises {
  readonly migration: string;
  readonly issuer: string;
  readonly flagEndpoint: string;
  readonly clients: readonly string[];
  /** `host:port` pairs, one sidecar in front of each API instance. */
  readonly sidecars: readonly { readonly listen: string; readonly admin: string; readonly upstream: string }[];
}

/**
 * Writes the migration plan as a user would: one `crossfade.yaml` for the CLI and for every sidecar. Its `sidecar`
 * section describes the first one; the others override the addresses by environment.
 */
export function rehearsalPlan(premises: Premises, tempo: Tempo): string {
  const { issuer, sidecars } = premises;
  const lifetimes = {
    tokenLifetime: `${tempo.tokenLifetimeSeconds}s`,
    sessionLifetime: `${tempo.sessionLifetimeSeconds}s`,
  };
  const scope = 'openid profile';
  return stringify({
    version: 1,
    migration: premises.migration,
    legacy: { issuer, audience: LEGACY_RESOURCE.audience, scope, ...lifetimes },
    target: {
      issuer,
      audience: TARGET_RESOURCE.audience,
      scope: `${scope} ${TARGET_RESOURCE.scope}`,
      resource: TARGET_RESOURCE.resource,
      ...lifetimes,
      typ: 'at+jwt',
      requiredScope: TARGET_RESOURCE.scope.split(' '),
    },
    clients: premises.clients,
    clockTolerance: '2s',
    // AWS asks for 15 s at least; the flag store of the rehearsal answers that its readers may look more often.
    flags: {
      source: 'appconfig',
      ...FLAG_LOCATION,
      pollInterval: '15s',
      region: REGION,
      endpoint: premises.flagEndpoint,
    },
    gate: {
      silence: `${tempo.silenceSeconds}s`,
      coverage: 1,
      sidecars: sidecars.map(({ admin }) => `http://${admin}`),
    },
    sidecar: { service: 'orders-api', mode: 'proxy', judge: 'observe', ...sidecars[0] },
  });
}
