import type { FlagSource, MigrationPlan } from '@crossfade/core';
import type { IdentityProvider } from '../identity/identity-provider.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { FlagStore } from './flag-store.ts';
import type { LoadBalancer } from './load-balancer.ts';
import type { OrdersFleet } from './orders-fleet.ts';
import type { Probe } from './probe.ts';
import type { SidecarProcess } from './sidecar-process.ts';
import type { Timing } from './timing.ts';
import type { WebApp } from './web-app.ts';

/** The running parts of one migration, and the clients that use them. */
export interface Lab {
  readonly plan: MigrationPlan;
  /** The plan's path, for the CLI's `--config`. */
  readonly planPath: string;
  readonly timing: Timing;
  readonly ledger: Ledger;
  readonly flagStore: FlagStore;
  readonly identityProvider: IdentityProvider;
  readonly webApp: WebApp;
  readonly balancer: LoadBalancer;
  readonly orders: OrdersFleet;
  /** Base URLs of the API instances, not through their sidecars. */
  readonly instanceUrls: readonly string[];
  readonly sidecars: readonly SidecarProcess[];
  /** The flag sources of the components that decide which side a login asks for. */
  readonly loginFlags: readonly FlagSource[];
  readonly probe: Probe;
  /** The `resource` parameter of another API of the same identity provider: a wrong audience for both sides. */
  readonly otherResource: string;
  close(): Promise<void>;
}
