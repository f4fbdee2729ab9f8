import type { Evidence, FleetEvidence, Issuance, MeterEvidence, Side } from '@crossfade/core';

/** What one meter says of itself and of the API instance behind it. */
export interface MeterReading {
  readonly evidence: MeterEvidence;
  /** Which audiences the API instance behind it is known to accept. */
  readonly accepts: Readonly<Record<Side, boolean>>;
  /** The issuance share of the flag document it holds; `null` when the meter can't tell. */
  readonly issuancePercent: number | null;
  /** The revision of the flag document it holds. */
  readonly revision: string | null;
  /** Its flag document is older than it should be. */
  readonly stale: boolean;
  /** How often the API answered 401 to a valid token since the meter started. */
  readonly validUnauthorized: number;
}

/** A meter that gave no answer that can be used, and why. */
export interface MissingMeter {
  readonly meter: string;
  readonly why: string;
}

export interface FleetLook {
  /** How many meters there should be; `null` when nobody knows. */
  readonly expected: number | null;
  readonly readings: readonly MeterReading[];
  readonly missing: readonly MissingMeter[];
}

/** The meters of a migration, wherever they are read. */
export interface Fleet {
  /** Where it looks, for people. */
  readonly place: string;
  /** How much later than a meter itself this place shows what the meter sees. */
  readonly lagMs: number;
  /** @throws `UnavailableError` when the place as a whole can't be reached; single meters are `missing` instead. */
  look(nowMs: number): Promise<FleetLook>;
}

export const NO_METERS: FleetLook = { expected: null, readings: [], missing: [] };

/** What the drain gate decides on. */
export function evidenceOf(look: FleetLook, issuance: Issuance): Evidence {
  return { issuance, expectedMeters: look.expected, meters: look.readings.map(({ evidence }) => evidence) };
}

/** What the guards of the moves decide on. What is not known to be accepted counts as not accepted. */
export function fleetEvidenceOf({ expected, readings }: FleetLook): FleetEvidence {
  return {
    expected,
    acceptingTarget: readings.filter(({ accepts }) => accepts.target).length,
    acceptingLegacy: readings.filter(({ accepts }) => accepts.legacy).length,
  };
}
