import { acceptanceSwitch, type FlagSource, issuanceSwitch, type Side } from '@crossfade/core';
import { createFeatureAccess } from '@crossfade/flags';
import { bucketOf, createSelector, targetBuckets } from '@crossfade/selector';

/** What the last good document says. */
export interface Position {
  readonly percent: number;
  readonly acceptance: 'both' | 'target';
}

/** What requests and logins met. */
export interface Tally {
  readonly selections: number;
  /** Anything at all that was thrown at a request or a login. */
  readonly thrown: number;
  /** Logins, and refreshes, whose side is not what the last good document says for their key. */
  readonly sideChanges: number;
  readonly acceptanceChanges: number;
  /** Selections while the source reported a problem. */
  readonly withProblem: number;
  /** Selections while the source called its document stale. */
  readonly stale: number;
}

/** The path of a login and a request through the switches of one source. */
export interface RequestPath {
  /** So many logins, a quarter of them refreshes, each with a request and a look at a feature. */
  run(selections: number): void;
  tally(): Tally;
}

const REFRESH_EVERY = 4;
const SALT = 'orders-2026';
const KEYS = Array.from({ length: 12_000 }, (_, n) => `user-${n}`);
const BUCKETS = KEYS.map((key) => bucketOf(SALT, key));

/** Counts, over a real selector, where the switches of `source` are not where `position` says. */
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
    // The selector lets nothing through of what a switch throws, so the switches are asked themselves too.
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
    tally: () => ({ ...counts }),
  };
}
