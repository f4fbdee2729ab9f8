import { type MigrationPlan, parsePlan } from '@crossfade/core';
import type { TokenKind } from './token.ts';

/** Lifetimes and cycles, in ticks of {@link TICK_MS}. */
export interface WorldTicks {
  /** Lifetime of a legacy access token. A login's first token is presented within it. */
  readonly token: number;
  /** How long after its login a legacy session can be refreshed; 0: it cannot. */
  readonly session: number;
  /** How long after its login a client can present target tokens of that session. */
  readonly target: number;
  /** The longest time between two logins of a client whose tokens are presented. */
  readonly silence: number;
  /** The clock tolerance of the plan. */
  readonly tolerance: number;
}

/** One bounded world, explored exhaustively. Events that are not listed do not happen in it. */
export interface World {
  readonly name: string;
  readonly instances: number;
  /** One login host per entry: `early` buckets move at 50 %, `late` ones at 100 %. */
  readonly clients: readonly ('early' | 'late')[];
  readonly ticks: WorldTicks;
  /** What the tokens of each client are to the plan; `plain` where absent. */
  readonly tokens?: readonly TokenKind[];
  /**
   * The operator's tools know that an instance accepts target only once they saw it accept a token that proves it, and
   * the operator may send one. Elsewhere they know at once.
   */
  readonly probes?: boolean;
  /** Instances start with the image before the migration and are upgraded one by one. */
  readonly prepare?: boolean;
  /** Instances crash and restart cold or from their disk. */
  readonly crashes?: boolean;
  /** The operator's tools may miss one instance, read one several times and no other, or not know their number. */
  readonly partialSight?: boolean;
  /** Meters lose their counts while their instance keeps running. */
  readonly amnesia?: boolean;
  /** Clients see a flag change before their next login, not late or never. */
  readonly promptClients?: boolean;
  /** The first client never sees the issuance switch move, or keeps refreshing one legacy session. */
  readonly stuck?: 'switch' | 'session';
  /** A refresh extends its session; the refreshed token is presented. */
  readonly slidingSessions?: boolean;
  /** A login may present no token although its session lives on. */
  readonly abandonedLogins?: boolean;
  /** The instance whose meter observes nothing. */
  readonly blindMeter?: number;
  /**
   * An API may be rolled back to its previous image and forward again while its meter keeps running. Target tokens may be
   * rejected then.
   */
  readonly downgrades?: boolean;
  /** The actual lifetime of legacy tokens, longer than in the plan; they are presented at once. */
  readonly trueToken?: number;
  /** The gate's clock is ahead by the plan's tolerance. */
  readonly gateAhead?: boolean;
  /** The time of issuance moves is not recorded. Such a world has no rollback. */
  readonly unrecorded?: boolean;
}

/** Returns what the tokens of a client are to the plan. */
export function kindOf({ tokens }: World, client: number): TokenKind {
  return tokens?.[client] ?? 'plain';
}

export const TICK_MS = 60_000;

/** Creates the plan of a world with the production schema. */
export function planOf({ ticks }: World): MigrationPlan {
  return parsePlan({
    version: 1,
    clients: [],
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

/** The current time in every state: the model stores ages, production takes times. */
export const NOW_MS = Date.parse('2026-01-01T12:00:00Z');
