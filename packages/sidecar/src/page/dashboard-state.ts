import type { AudienceClass, ObservedAcceptance, Phase, RejectionReason, Side, Verdict } from '@crossfade/core';

/** What the page reads of `/status`. Times are ISO 8601, `null` for never. */
export interface StatusShown {
  readonly migration: string;
  readonly service: string;
  readonly phase: Phase;
  readonly issuance: { readonly percent: number; readonly since: string | null };
  readonly acceptance: ObservedAcceptance;
  readonly shown: Readonly<Record<Side, boolean | null>>;
  readonly validUnauthorized: number;
  readonly lastValidUnauthorizedAt: string | null;
  readonly unavailable: number;
  readonly lastUnavailableAt: string | null;
  readonly flags: {
    readonly revision: string | null;
    readonly ageSeconds: number | null;
    readonly stale: boolean;
    readonly problem?: string;
  };
  readonly audiences: Readonly<
    Record<AudienceClass, { readonly accepted: number; readonly rejected: number; readonly lastSeenAt: string | null }>
  >;
  readonly rejections: Readonly<Record<RejectionReason, number>>;
  readonly afterClose: { readonly rejected: number };
  readonly keys: readonly {
    readonly side: Side;
    readonly ageSeconds: number | null;
    readonly refreshes: { readonly success: number; readonly failure: number };
  }[];
  readonly startedAt: string;
  readonly version: string;
}

/** When the drain can be over, as far as one sidecar can tell. */
export interface DrainShown {
  readonly verdict: Verdict;
  /** The sentence that the CLI prints too. */
  readonly eta: string;
  /** What holds it up for longest; `null` when nothing does. */
  readonly because: string | null;
  readonly earliestPassAt: string | null;
  readonly checks: readonly { readonly name: string; readonly verdict: Verdict; readonly detail: string }[];
}

export interface StragglerShown {
  readonly clientId: string | null;
  readonly accepted: number;
  readonly lastSeenAt: string | null;
  readonly latestIssuedAt: string | null;
  readonly latestExpiryAt: string | null;
  readonly stillMinting: boolean;
}

/** Event `state` of `/events`: how things stand now. */
export interface DashboardState {
  readonly at: string;
  /** Whether the sidecar is in service; `false` while it finishes what is in flight. */
  readonly ready: boolean;
  readonly mode: string;
  readonly enforces: boolean;
  /** The audiences by their own names. */
  readonly names: Readonly<Record<Side, string>>;
  readonly flagSource: string;
  readonly status: StatusShown;
  readonly drain: DrainShown;
  readonly stragglers: {
    /** The ones seen last. */
    readonly clients: readonly StragglerShown[];
    readonly known: number;
    /** There were more clients than the sidecar remembers. */
    readonly truncated: boolean;
  };
}

export interface PointShown {
  readonly atMs: number;
  readonly legacy: number;
  readonly target: number;
  readonly bridge: number;
  readonly rejected: number;
}

export interface MarkShown {
  readonly atMs: number;
  readonly phase: Phase;
  readonly percent: number;
  readonly acceptance: ObservedAcceptance;
}

/** Event `history` of `/events`, and the JSON of `/history`. */
export interface HistoryShown {
  readonly startedAtMs: number;
  readonly stepMs: number;
  readonly points: readonly PointShown[];
  readonly marks: readonly MarkShown[];
  readonly truncated: boolean;
}
