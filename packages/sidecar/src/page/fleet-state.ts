import type { FlagsComparison, Phase } from '@crossfade/core';

/** Accepted requests, or requests a second: their shares are what counts. */
export interface MixShown {
  readonly legacy: number;
  readonly target: number;
  readonly bridge: number;
}

/** The flags that an instance holds. */
export interface InstanceFlags {
  readonly revision: string | null;
  readonly source: string | null;
  readonly hash: string | null;
  readonly ageSeconds: number | null;
  readonly stale: boolean;
}

/** A valid token of a side is refused, or a legacy one taken after the close. */
export type ApiFault = 'refuses_valid_tokens' | 'takes_closed_legacy';

/** One instance, as it told last. `null` is unknown. */
export interface InstanceShown {
  /** `host:port`. */
  readonly name: string;
  readonly isThis: boolean;
  /** Its own page; `null` if it has none at the place that is read. */
  readonly pageUrl: string | null;
  /** Why it does not tell now; `null` if it does. What else the row shows is then what it told last. */
  readonly problem: string | null;
  /** When it told what the row shows. */
  readonly toldAt: string | null;
  readonly phase: Phase | null;
  readonly percent: number | null;
  /** What its API accepts, by the one rule, in words. */
  readonly api: string;
  /** What is wrong with that now. */
  readonly fault: ApiFault | null;
  readonly mix: MixShown | null;
  readonly mixSince: string | null;
  readonly validUnauthorized: number | null;
  readonly lastUnauthorizedAt: string | null;
  readonly disagreements: number | null;
  readonly lastDisagreementAt: string | null;
  readonly flags: InstanceFlags | null;
  /** Its flags against those that most instances hold. */
  readonly comparison: FlagsComparison;
}

/** The event `fleet` of `/events`, and the JSON of `/fleet`. */
export interface FleetShown {
  /** Where it was read; `alone`: the plan names no other instance. */
  readonly source: 'prometheus' | 'sidecars' | 'alone';
  readonly at: string;
  /** Why the source as a whole cannot be read; the one row is then this sidecar. */
  readonly problem: string | null;
  /** How many there should be; `null`: unknown. */
  readonly expected: number | null;
  /** How many responded now. */
  readonly responding: number;
  /** How many are known. Where there are too many, `instances` has those that need attention before others. */
  readonly known: number;
  /** How many hold other flags than most. */
  readonly apart: number;
  /** How many hold flags of another store. */
  readonly otherStore: number;
  /** At how many the API has this fault now. */
  readonly faults: Readonly<Record<ApiFault, number>>;
  /** Over all that tell now. */
  readonly sums: {
    readonly mix: MixShown;
    readonly validUnauthorized: number;
    readonly lastUnauthorizedAt: string | null;
    readonly disagreements: number;
    readonly lastDisagreementAt: string | null;
  };
  readonly instances: readonly InstanceShown[];
}
