import type { AcceptanceSwitch, IssuanceSwitch, SwitchPosition } from '../vocabulary/switch-position.ts';
import type { FlagDocument } from './flag-document.ts';

/** The flags as they are known now. There is always a document: the last good one, or the defaults. */
export interface FlagSnapshot {
  readonly document: FlagDocument;
  /** The document's revision: the `issue-target` flag's attribute, else the store's own version; `null` if unknown. */
  readonly revision: string | null;
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
}

/** A change of one switch or both; what it leaves out stays as it is. */
export type SwitchChange = { readonly issuance?: { readonly percent: number } } & {
  readonly acceptance?: SwitchPosition['acceptance'];
};

export interface WriteReceipt {
  readonly revision: string;
  readonly writtenAtMs: number;
  /** What the write stopped first, for the operator; absent if nothing was in the way. */
  readonly stopped?: string;
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
   */
  write(change: SwitchChange, basis: StoredFlags, urgency: 'planned' | 'emergency'): Promise<WriteReceipt>;
}

/** Makes an acceptance switch of a flag source. */
export function acceptanceSwitch(source: Pick<FlagSource, 'snapshot'>): AcceptanceSwitch {
  return () => source.snapshot().document.acceptance;
}

/** Makes an issuance switch of a flag source. */
export function issuanceSwitch(source: Pick<FlagSource, 'snapshot'>): IssuanceSwitch {
  return () => {
    const { document, stale, revision } = source.snapshot();
    return { ...document.issuance, revision: document.issuance.revision ?? revision, stale };
  };
}
