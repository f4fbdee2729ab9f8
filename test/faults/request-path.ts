import { acceptanceSwitch, type FlagSource, issuanceSwitch, type Side } from '@crossfade/core';
import { createFeatureAccess } from '@crossfade/flags';
import { bucketOf, createSelector, targetBuckets } from '@crossfade/selector';

/** The switches of the last good document. */
export interface Position {
  readonly percent: number;
  readonly acceptance: 'both' | 'target';
}

/** Counts of what requests and logins met. */
export interface RequestCounts {
  readonly selections: number;
  /** Errors thrown at a request or a login. */
  readonly thrown: number;
  /** Logins and refreshes on another side than the last good document selects for their key. */
  readonly sideChanges: number;
  readonly acceptanceChanges: number;
  /** Selections while the source reported a problem. */
  readonly withProblem: number;
  /** Selections while the document was stale. */
  readonly stale: number;
}

/** The path of a login and a request through the switches of one source. */
export interface RequestPath {
  /** Runs logins, a quarter of them refreshes, each with a request and a feature check. */
  run(selections: number): void;
  counts(): RequestCounts;
}

const REFRESH_EVERY = 4;
const SALT = 'orders-2026';
const KEYS = Array.from({ length: 12_000 }, (_, n) => `user-${n}`);
const BUCKETS = KEYS.map((key) => bucketOf(SALT, key));

/** Counts, through a real selector, how often the switches of `source` differ from `position`. */
export function createRequestPath(source: Pick<FlagSource, 'snapshot'>, position: Position): RequestPath {
  const issuance = issuanceSwitch(source);
  const acceptance = acceptanceSwitch(source);
  const features = createFeatureAccess({ flags: source });
  const sides = { legacy: { scope: 'openid' }, target: { scope: 'openid orders:read' } };
  const selector = createSelector({ ...sides, salt: SALT, issuance, refresh: 'retarget' });
  const counts = { selections: 0, thrown: 0, sideChanges: 0, acceptanceChanges: 0, withProblem: 0, stale: 0 };

  function request(index: number): void {
    const isRefresh = index % REFRESH_EVERY === 0;
    const key = KEYS[index];
    const side: Side = (BUCKETS[index] ?? 0) < targetBuckets(position.percent) ? 'target' : 'legacy';
    // The selector swallows errors of a switch, so the switches are read directly, too.
    const { stale, problem } = source.snapshot();
    if (stale) counts.stale += 1;
    if (problem !== undefined) counts.withProblem += 1;
    if (acceptance() !== position.acceptance) counts.acceptanceChanges += 1;
    features.hasAccess({ roles: ['tester'], role: 'tester', feature: 'dashboard' });
    const selected = isRefresh ? selector.selectForRefresh({ key, side }) : selector.select({ key });
    if (selected.side !== side) counts.sideChanges += 1;
  }

  return {
    run(selections) {
      for (let n = 0; n < selections; n += 1) {
        try {
          request(counts.selections % KEYS.length);
        } catch {
          counts.thrown += 1;
        }
        counts.selections += 1;
      }
    },
    counts: () => ({ ...counts }),
  };
}
