import { stringify } from 'yaml';
import type { Timing } from './timing.ts';

export const LEGACY_RESOURCE = { resource: 'urn:rehearsal:default', audience: 'default-api', scope: '' } as const;
export const TARGET_RESOURCE = {
  resource: 'https://api.example.com/orders',
  audience: 'https://api.example.com/orders',
  scope: 'orders:read',
} as const;
/** Another API of the same identity provider, which has no part in the migration. */
export const OTHER_RESOURCE = {
  resource: 'https://api.example.com/invoices',
  audience: 'https://api.example.com/invoices',
  scope: '',
} as const;
export const FLAG_LOCATION = {
  application: 'orders',
  environment: 'rehearsal',
  profile: 'audience-migration',
} as const;
export const REGION = 'eu-central-1';

/** The values of the plan that each rehearsal sets: names and addresses. */
export interface PlanInputs {
  readonly migration: string;
  readonly issuer: string;
  readonly flagEndpoint: string;
  readonly clients: readonly string[];
  /** `host:port` pairs, one sidecar in front of each API instance. */
  readonly sidecars: readonly { readonly listen: string; readonly admin: string; readonly upstream: string }[];
}

/**
 * Writes the migration plan as a user would: one `crossfade.yaml` for the CLI and for every sidecar. Its `sidecar`
 * section describes the first sidecar; the others override the addresses with environment variables.
 */
export function rehearsalPlan(inputs: PlanInputs, timing: Timing): string {
  const { issuer, sidecars } = inputs;
  const lifetimes = {
    tokenLifetime: `${timing.tokenLifetimeSeconds}s`,
    sessionLifetime: `${timing.sessionLifetimeSeconds}s`,
  };
  const scope = 'openid profile';
  return stringify({
    version: 1,
    migration: inputs.migration,
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
    clients: inputs.clients,
    // A token is used up to its end, and on a busy machine requests take their time.
    clockTolerance: '3s',
    // The AWS minimum. The rehearsal's flag store tells its readers to poll more often.
    flags: {
      source: 'appconfig',
      ...FLAG_LOCATION,
      pollInterval: '15s',
      region: REGION,
      endpoint: inputs.flagEndpoint,
    },
    gate: {
      silence: `${timing.silenceSeconds}s`,
      coverage: 1,
      // The script waits for traffic between two steps.
      soak: '0s',
      sidecars: sidecars.map(({ admin }) => `http://${admin}`),
    },
    sidecar: { service: 'orders-api', mode: 'proxy', judge: 'observe', ...sidecars[0] },
  });
}
