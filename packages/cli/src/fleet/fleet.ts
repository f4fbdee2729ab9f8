import type { FlagDocument, Issuance, MeterEvidence, Minting, Side, SideResponses } from '@crossfade/core';
import type { FleetGroups, ShownPart } from '@crossfade/core/metrics';
import type { OpenConnectionCounts } from '@crossfade/core/status';
import type { DrainEvidence } from './drain-evidence.ts';
import type { AudienceCounts, RequestCounts, StepEvidence } from './step-counts.ts';

/** What one meter reports about itself and the API instance behind it. */
export interface MeterReading {
  readonly evidence: MeterEvidence;
  /** What it shows of the API instance behind it, for each side. */
  readonly sides: Readonly<Record<Side, SideSighting>>;
  /** Why its sidecar never had keys to verify target tokens with; `null` if it had, or does not tell. */
  readonly missingTargetKeys: string | null;
  /** The issuance share of the flag document it holds; `null` if the meter does not report it. */
  readonly issuancePercent: number | null;
  /** The revision of the flag document it holds. */
  readonly revision: string | null;
  /** The name of the store that it reads; `null` if it does not tell, as older ones. */
  readonly flagsSource: string | null;
  /** The hash of Crossfade's own flags that it holds; `null` if it does not tell. */
  readonly flagsHash: string | null;
  /** Whether its flag document is stale. */
  readonly stale: boolean;
  /** It showed its flags before the moment that the reading asked for: it may hold others by now. */
  readonly isOld?: true;
  /** How often the API refused a valid token since the meter started. */
  readonly validUnauthorized: number;
  /** Connections that outlive the tokens that opened them; `null` if the meter does not report them. */
  readonly openConnections: OpenConnectionCounts | null;
  /** Whose forwarded headers the sidecar replaced; `null` if it does not report that. */
  readonly forwardedHeaders: { readonly replaced: number; readonly from: readonly string[] } | null;
  /** What failed at the API, if anything did; `null` if nothing did, or the meter does not report it. */
  readonly upstream: UpstreamFailures | null;
  /** What its validator makes of the brownout that runs now; absent where none runs, or it does not tell. */
  readonly brownout?: { readonly refused?: number; readonly stopped?: boolean };
  /** The requests with a token since the meter started; absent where it does not tell. */
  readonly requests?: RequestCounts;
  /** Its requests by audience class since it started; absent where it does not tell. */
  readonly audiences?: AudienceCounts;
  /** The id of the run that it reads; absent where the meter does not report it. */
  readonly process?: string;
}

/** What a meter shows of an API instance and one side. {@link acceptedBy} reads it. */
export interface SideSighting extends SideResponses {
  /** What the process that judges for it lets in; `undefined` if none judges, or it does not tell. */
  readonly commanded: boolean | undefined;
}

/** An instance that does not respond now, and what it showed last. */
export interface SilentMeter {
  readonly meter: string;
  readonly legacy: SideSighting;
  /** When it responded last, in ms; absent where the source does not tell. */
  readonly seenMs?: number;
}

/** Requests that got 502 or 504 because of the API, since the meter started. */
export interface UpstreamFailures {
  readonly failures: number;
  readonly lastMs: number;
  readonly lastCode: string;
}

/** A meter without a usable response, and why. */
export interface MissingMeter {
  readonly meter: string;
  readonly why: string;
  /** How many it stands for, where it is not one; `meter` tells the number, and is no name. */
  readonly count?: number;
}

/** The fleet as its source shows it at one moment. */
export interface FleetSnapshot {
  /** How many meters to expect; `null` if unknown. */
  readonly expected: number | null;
  /** Each instance; of a large fleet those that need attention. */
  readonly readings: readonly MeterReading[];
  /** All instances of a large fleet, those in `readings` included; absent where `readings` has each. */
  readonly groups?: FleetGroups;
  readonly missing: readonly MissingMeter[];
  /** Those that responded lately; empty where the source does not remember. */
  readonly silent: readonly SilentMeter[];
  /** Connections that outlive the tokens that opened them, of all meters that tell; `null` if none does. */
  readonly openConnections: OpenConnectionCounts | null;
  /** What it knows of the drain. `judgeDrain` reads it. */
  readonly drain: DrainEvidence;
}

/** What is read of a fleet: what instances show of a side, which flags they hold, and what is known of the drain. */
export type FleetPart = ShownPart | 'drain';

/** What a reading is for. */
export interface ReadFrame {
  /** What is asked; everything by default. The less, the cheaper of a large fleet. The rest of the snapshot is unknown. */
  readonly parts?: readonly FleetPart[];
  /** Flags count as shown only if they were after this moment, by `Fleet.presentMs`. */
  readonly shownSinceMs?: number | undefined;
  /** The flags that the snapshot will be judged by. Without them a large fleet tells no times. */
  readonly document?: FlagDocument | undefined;
  /** The hash of the flags that all should hold; that of `document` by default. */
  readonly hash?: string | undefined;
  /** Instances of a large fleet to read by name. */
  readonly names?: readonly string[];
}

/** Requests per second, by audience class, and the window that they are the mean of. */
export interface RequestRates {
  readonly perSecond: AudienceCounts;
  readonly overMs: number;
}

/** The meters of a migration. */
export interface Fleet {
  /** Names the source in messages. */
  readonly source: string;
  /** How long the source takes to show what a meter sees, in ms. */
  readonly lagMs: number;
  /** @throws `UnavailableError` when the source as a whole cannot be reached; single meters are `missing` instead. */
  read(nowMs: number, frame?: ReadFrame): Promise<FleetSnapshot>;
  /** The present by the clock of the source; absent where each reading is of now. @throws `UnavailableError` as `read`. */
  presentMs?(): Promise<number>;
  /** What the provider mints since issuance took its position. @throws `UnavailableError` as `read`. */
  minting(issuance: Issuance, nowMs: number): Promise<Minting>;
  /** How many requests a brownout that began at `startedMs` refused; absent where the meters tell. @throws as `read`. */
  brownoutRefusals?(startedMs: number, nowMs: number): Promise<number>;
  /** What happened around the step at `steppedMs`; absent where the source keeps no past. @throws `UnavailableError` as `read`. */
  step?(steppedMs: number, nowMs: number): Promise<StepEvidence>;
  /**
   * How many requests a second arrive now, by audience class; absent where two snapshots tell, `null` where it is not known.
   * @throws `UnavailableError` as `read`.
   */
  rates?(): Promise<RequestRates | null>;
}

export const EMPTY_FLEET: FleetSnapshot = {
  expected: null,
  readings: [],
  missing: [],
  silent: [],
  openConnections: null,
  drain: { kind: 'metered', meters: [] },
};
