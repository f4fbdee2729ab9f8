import type { AcceptanceSwitch, IssuanceSwitch, SwitchPosition } from '../vocabulary/switch-position.ts';
import type { Brownout, FlagDocument } from './flag-document.ts';

/** The flags as they are known now. There is always a document: the last good one, or the defaults. */
export interface FlagSnapshot {
  readonly document: FlagDocument;
  /** The document's revision: the `issue-target` flag's attribute, else the store's own version; `null` if unknown. */
  readonly revision: string | null;
  /**
   * The store's name, such as `appconfig orders/production/crossfade`, the same from an Agent and the data plane. Equal
   * revisions of two stores prove nothing. Absent: not told.
   */
  readonly source?: string;
  /** The first 12 hex digits of SHA-256 over {@link canonicalFlags}. Absent: not told. */
  readonly hash?: string;
  /** Seconds since the store last confirmed this document; `null` when it never did. */
  readonly ageSeconds: number | null;
  /** Whether the store has not confirmed the document for longer than it should take. */
  readonly stale: boolean;
  /** The current problem, for operators; absent while all is well. Never contains flag content. */
  readonly problem?: string;
}

/** How a poll of the store ended: new document, same document, a document refused as broken, no response. */
export const FLAG_REFRESH_RESULTS = ['updated', 'unchanged', 'refused', 'failed'] as const;
export type FlagRefreshResult = (typeof FLAG_REFRESH_RESULTS)[number];

/**
 * Where switch positions come from. `snapshot` is synchronous and cheap, never throws, and never waits for the
 * store: it is called at every request.
 */
export interface FlagSource {
  snapshot(): FlagSnapshot;
  /** Calls `listener` after each change of document or problem. Returns a function that ends the subscription. */
  subscribe(listener: (snapshot: FlagSnapshot) => void): () => void;
  /** The number of polls by result, since the start. */
  refreshes(): Readonly<Record<FlagRefreshResult, number>>;
  close(): void | Promise<void>;
}

/** A flag document as its store holds it: the JSON text, and the store's identifier of this version. */
export interface StoredFlags {
  /** Data-plane shape, as {@link parseFlagDocument} reads it. */
  readonly text: string;
  /** The base of an optimistic write. Opaque. */
  readonly version: string;
  /** The store's name, as {@link FlagSnapshot} has it. */
  readonly source?: string;
  /** As {@link FlagSnapshot} has it; absent of a document that cannot be read. */
  readonly hash?: string;
  /** Absent of a store that is no AppConfig. */
  readonly handles?: AppConfigHandles;
}

/** What an operator needs to roll AppConfig back without Crossfade. Holds no secret; `null` is unknown or none. */
export interface AppConfigHandles {
  readonly applicationId: string;
  readonly environmentId: string;
  readonly profileId: string;
  readonly region: string | null;
  readonly endpoint: string | null;
  /** Of the strategy that deploys at once, without baking. */
  readonly strategyId: string | null;
  /** The newest hosted version that is all-legacy. */
  readonly legacyVersion: number | null;
  /** The number of the deployment in progress, of any profile. */
  readonly running: number | null;
}

/** Who makes a move, and why: recorded with it in the store. */
export interface MoveNote {
  readonly verb: string;
  /** `CROSSFADE_OPERATOR`, else user and host. */
  readonly operator: string;
  readonly reason?: string;
  /** What the operator told the CLI to skip, such as `soak`. */
  readonly skipped?: readonly string[];
  /** What the decision rested on, such as the gate's numbers at a close; a store with less room keeps its beginning. */
  readonly evidence?: string;
}

/** The positions of the switches, as a record names them. */
export interface RecordedPosition {
  readonly percent: number;
  readonly acceptance: SwitchPosition['acceptance'];
}

/**
 * What became of a recorded move: `written` took effect; `deploying` is in progress; `rolled_back` and `reverted` were taken
 * back by the store, an alarm or an operator.
 */
export type MoveState = 'written' | 'deploying' | 'rolled_back' | 'reverted';

/** One change of the flags, as the store remembers it. What Crossfade did not write has no verb. */
export interface RecordedMove extends Partial<MoveNote> {
  readonly atMs: number;
  readonly state: MoveState;
  /** Names it in its store: `deployment 8 (version 13)`, `revision 7`. */
  readonly id: string;
  readonly revision: string | null;
  readonly from?: RecordedPosition;
  /** Absent where the record does not tell. */
  readonly to?: RecordedPosition;
  /** What the store has as a description of what Crossfade did not write. */
  readonly description?: string;
}

/** A deployment in progress, of any profile: it blocks the environment for others. */
export interface RunningDeployment {
  /** Names it for operators, with its state. */
  readonly name: string;
  readonly startedAtMs: number | null;
}

/** A change of Crossfade's own flags; what it leaves out stays as it is. */
export type SwitchChange = { readonly issuance?: { readonly percent: number } } & {
  readonly acceptance?: SwitchPosition['acceptance'];
} & {
  /** `null` ends a brownout; it changes nothing where there is none. */
  readonly brownout?: Brownout | null;
};

export interface WriteReceipt {
  readonly revision: string;
  readonly writtenAtMs: number;
  /** What the write stopped first, for the operator; absent if nothing was in the way. */
  readonly stopped?: string;
  /** A running deployment that commands the same already, and was left alone instead of a write. */
  readonly leftAlone?: string;
  /** Why the move is not in the record, although it is written; absent if it is. */
  readonly unrecorded?: string;
}

/**
 * Where switch positions are changed. Only the CLI writes.
 * Every method rejects with `UnavailableError` if the store is unreachable, and `write` with `ConflictError`
 * if another writer changed, or is changing, the flags.
 */
export interface FlagWriter {
  read(): Promise<StoredFlags>;
  /**
   * Applies `change` on top of `basis` and reads back what then stands. An `emergency` write (a rollback) first
   * stops whatever is being deployed, instead of refusing.
   * @param note recorded with the change, in the store.
   */
  write(
    change: SwitchChange,
    basis: StoredFlags,
    urgency: 'planned' | 'emergency',
    note?: MoveNote,
  ): Promise<WriteReceipt>;
  /** The moves that the store remembers, newest first. */
  history(limit?: number): Promise<readonly RecordedMove[]>;
  /** The deployments in progress; empty where the store knows none. */
  running(): Promise<readonly RunningDeployment[]>;
}

/** Makes an acceptance switch of a flag source. */
export function acceptanceSwitch(source: Pick<FlagSource, 'snapshot'>): AcceptanceSwitch {
  return () => source.snapshot().document.acceptance;
}

/** Says which brownout the flags command; `null` for none. Read at each request with a legacy token. */
export type BrownoutSwitch = () => Brownout | null;

/** Makes a brownout switch of a flag source. */
export function brownoutSwitch(source: Pick<FlagSource, 'snapshot'>): BrownoutSwitch {
  return () => source.snapshot().document.brownout;
}

/** Makes an issuance switch of a flag source. */
export function issuanceSwitch(source: Pick<FlagSource, 'snapshot'>): IssuanceSwitch {
  return () => {
    const { document, stale, revision } = source.snapshot();
    return { ...document.issuance, revision: document.issuance.revision ?? revision, stale };
  };
}
