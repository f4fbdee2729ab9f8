import type { ObservedAcceptance, Phase, RejectionReason, RunbookName, Side, Verdict } from '@crossfade/core';
import type { Census, SidecarStatus, StragglerStatus } from '@crossfade/core/status';

/** When the drain can be over, as far as one sidecar can tell. */
export interface DrainShown {
  readonly verdict: Verdict;
  /** The sentence that the CLI prints as well. */
  readonly eta: string;
  /** The detail of the check that passes last; `null` if all pass. */
  readonly because: string | null;
  /** Where to read on about it. */
  readonly becauseRunbook: RunbookName | null;
  readonly earliestPassAt: string | null;
  readonly checks: readonly {
    readonly name: string;
    readonly verdict: Verdict;
    readonly detail: string;
    readonly runbook: RunbookName;
  }[];
  /** What changes no verdict. */
  readonly notes: readonly string[];
}

/** Tokens that the plan refuses and the API accepted. */
export interface DisagreementsShown {
  /** The most frequent first. */
  readonly reasons: readonly {
    readonly reason: RejectionReason;
    readonly count: number;
    readonly meaning: string;
    readonly remedy: string;
    /** Whether the reason is about a token that was verified as our issuer's. */
    readonly isVerified: boolean;
  }[];
  readonly lastVerifiedAt: string | null;
  readonly lastUnverifiedAt: string | null;
  /** Whether they hold a close up now, as the gate sees it. */
  readonly verdict: Verdict;
}

/** The phase and the two switches, in words. */
export interface PositionShown {
  readonly phase: string;
  readonly issuance: string;
  /** What the API accepts, by the one rule. */
  readonly api: string;
  readonly apiSource: string;
  /** Whether valid tokens of a side are refused now, or legacy ones taken after the close. */
  readonly isApiWrong: boolean;
}

/** The event `state` of `/events`: the current state. */
export interface DashboardState {
  readonly at: string;
  /** Whether the sidecar is in service; `false` while it finishes the requests in flight. */
  readonly ready: boolean;
  /** Why not, in words. */
  readonly notReady?: string;
  readonly mode: string;
  readonly enforces: boolean;
  /** The names of the audiences, as the plan writes them. */
  readonly names: Readonly<Record<Side, string>>;
  readonly flagSource: string;
  readonly status: SidecarStatus;
  readonly position: PositionShown;
  /** The procedure of the phase. */
  readonly runbook: RunbookName;
  readonly drain: DrainShown;
  readonly disagreements: DisagreementsShown;
  /** The most frequent first. */
  readonly rejections: readonly {
    readonly reason: RejectionReason;
    readonly count: number;
    readonly meaning: string;
  }[];
  /** The rows that come most; absent where the sidecar sees no token. */
  readonly census?: Census;
  readonly stragglers: {
    /** The ones seen last. */
    readonly clients: readonly StragglerStatus[];
    readonly known: number;
    /** Whether there were more clients than the sidecar remembers. */
    readonly truncated: boolean;
  };
}

export interface PointShown {
  readonly atMs: number;
  readonly legacy: number;
  readonly target: number;
  readonly bridge: number;
  readonly rejected: number;
  readonly unauthorized: number;
}

export interface MarkShown {
  readonly atMs: number;
  readonly phase: Phase;
  readonly percent: number;
  readonly acceptance: ObservedAcceptance;
}

/** The event `history` of `/events`, and the JSON of `/history`. */
export interface HistoryShown {
  readonly startedAtMs: number;
  readonly stepMs: number;
  readonly points: readonly PointShown[];
  readonly marks: readonly MarkShown[];
  readonly truncated: boolean;
}
