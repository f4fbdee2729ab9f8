import { type MigrationPlan, parsePlan } from '@crossfade/core';

/** Lifetimes and cycles, in ticks of {@link TICK_MS}. */
export interface WorldTicks {
  /** Life of a legacy access token. A login's first token is presented within it. */
  readonly token: number;
  /** How long after its login a legacy session can still mint; 0: it can't. */
  readonly session: number;
  /** How long after its login a client can present target tokens of that session. */
  readonly target: number;
  /** The longest time between two logins of a client whose tokens are presented. */
  readonly silence: number;
  /** The clock tolerance of the plan. */
  readonly tolerance: number;
}

/** One bounded world, explored to its end. What is left out does not happen in it. */
export interface World {
  readonly name: string;
  readonly instances: number;
  /** One login host each: `early` buckets move at 50 %, `late` ones at 100 %. */
  readonly clients: readonly ('early' | 'late')[];
  readonly ticks: WorldTicks;
  /** Instances start as they are before the migration, and are upgraded one by one. */
  readonly prepare?: boolean;
  /** Instances crash, and start again cold or from their disk. */
  readonly crashes?: boolean;
  /** The operator's tools may miss one instance, or not know how many there are. */
  readonly partialSight?: boolean;
  /** Meters lose what they counted while their instance lives on. */
  readonly amnesia?: boolean;
  /** Clients see a flag change before their next login, instead of late or never. */
  readonly promptClients?: boolean;
  /** The first client never sees the issuance switch move, or lives on one legacy session that it keeps refreshing. */
  readonly stuck?: 'switch' | 'session';
  /** A refresh extends its session; the refreshed token is presented. */
  readonly slidingSessions?: boolean;
  /** A login may end with no token ever presented, its session alive. */
  readonly abandonedLogins?: boolean;
  /** The meter of this instance sees nothing. */
  readonly blindMeter?: number;
  /** An API may be rolled back to its old image, and forth, its meter living on: nobody can keep the promise then. */
  readonly downgrades?: boolean;
  /** Legacy tokens live this long, which is longer than the plan believes, and are presented at once. */
  readonly trueToken?: number;
  /** The gate's clock is ahead by the plan's tolerance. */
  readonly gateAhead?: boolean;
  /** Nobody notes when the issuance switch moved; then nobody rolls back either. */
  readonly unnoted?: boolean;
}

export const TICK_MS = 60_000;

/** The plan of a world, through the production schema. */
export function planOf({ ticks }: World): MigrationPlan {
  return parsePlan({
    version: 1,
    migration: 'model',
    legacy: {
      issuer: 'https://idp.example.com',
      audience: 'legacy',
      tokenLifetime: `${ticks.token}m`,
      sessionLifetime: `${ticks.session}m`,
    },
    target: { issuer: 'https://idp.example.com', audience: 'target', tokenLifetime: `${ticks.token}m` },
    clockTolerance: `${ticks.tolerance}m`,
    flags: { source: 'file', path: './flags.json' },
    gate: { silence: `${ticks.silence}m` },
  });
}

/** The present of every state: the model keeps ages, production is told times. */
export const NOW_MS = Date.parse('2026-01-01T12:00:00Z');
