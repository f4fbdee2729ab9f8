import { activeBrownout, type Brownout, type MigrationPlan, type Minting } from '@crossfade/core';
import type { StoreView } from '../flag-store/store-view.ts';
import { EMPTY_FLEET, type FleetSnapshot } from '../fleet/fleet.ts';
import type { RunningBrownout } from '../fleet/running-brownout.ts';
import { type PlanStatus, planStatus } from '../output/plan-status.ts';
import type { Polled } from './poll.ts';
import type { SharePoint } from './share-history.ts';
import type { Traffic } from './traffic.ts';

/** What one reading of the meters gave. */
export interface MetersView {
  readonly snapshot: FleetSnapshot;
  /** `null`: not known, as at the first reading of sidecars. */
  readonly traffic: Traffic | null;
  readonly minting?: Minting;
  /** What came of a running brownout; `null`: none runs, or it is not known. */
  readonly brownout: RunningBrownout | null;
}

/** Everything that is known of one plan at one moment. */
export interface PlanView {
  readonly plan: MigrationPlan;
  readonly nowMs: number;
  readonly store: Polled<StoreView>;
  /** `null` where the plan names no meter. */
  readonly meters: Polled<MetersView> | null;
  readonly history: readonly SharePoint[];
}

/** A plan that cannot be read, and why. */
export interface PlanProblem {
  readonly config: string;
  readonly problem: string;
}

/** The meters as they are now; `null` while they cannot be read: what they said before proves nothing of now. */
export function metersNow({ meters }: PlanView): MetersView | null {
  return meters === null || meters.trouble !== null ? null : meters.value;
}

/** The status by the flags that were read last and the meters of now; `null` before the flags were ever read. */
export function statusNow(view: PlanView): PlanStatus | null {
  const { plan, store, nowMs } = view;
  if (store.value === null) return null;
  const now = metersNow(view);
  return planStatus(plan, store.value.document, now?.snapshot ?? EMPTY_FLEET, nowMs, now?.minting);
}

/** The brownout that is under way, by the flags that were read last. */
export function brownoutNow({ store, nowMs }: PlanView): Brownout | null {
  return store.value === null ? null : activeBrownout(store.value.document.brownout, nowMs);
}
