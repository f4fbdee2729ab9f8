import type { IssuanceSwitch, MigrationPlan, Selection, SelectionReason, Side } from '@crossfade/core';
import type { Dialect } from './dialect.ts';
import type { RefreshCapability } from './refresh-capability.ts';
import type { SelectableSide } from './selectable-side.ts';

export interface CommonSelectorOptions {
  /** Where the issuance switch stands; read at every selection, synchronously. `issuanceSwitch(source)` makes one. */
  readonly issuance: IssuanceSwitch;
  /** Clients that always get one side, by client id: canaries, support tools. */
  readonly forced?: Readonly<Record<string, Side>>;
  /**
   * What a refresh can do at this provider. Default: `retarget` when the plan says that no legacy session outlives its
   * token (`legacy.sessionLifetime: 0s`), else `keep`.
   */
  readonly refresh?: RefreshCapability;
  /** How the provider is asked for an audience. Default: by scope, and by resource (RFC 8707) where a side has one. */
  readonly dialect?: Dialect;
}

/** The two sides come from the plan, or one by one; the salt is the plan's migration unless given. */
export type SelectorOptions = CommonSelectorOptions &
  (
    | { readonly plan: Pick<MigrationPlan, 'migration' | 'legacy' | 'target'>; readonly salt?: string }
    | { readonly legacy: SelectableSide; readonly target: SelectableSide; readonly salt: string }
  );

/** One login. */
export interface SelectionRequest {
  /**
   * Who logs in, as something that stays the same over logins: a user id, a device id, a client id for machines.
   * Without one, or with an empty one, nobody can be split. It is hashed, never sent or kept.
   */
  readonly key?: string | undefined;
  /** The OAuth client that asks; decides nothing but `forced`. */
  readonly clientId?: string | undefined;
  /** Forces this one login to a side, before everything else. Never take it from an untrusted request. */
  readonly side?: Side | undefined;
}

/** What the selector needs to know of a session that is refreshed. */
export interface RefreshableSession {
  /** The side the session's tokens were asked for. A session that does not say is from before the migration: legacy. */
  readonly side?: Side | undefined;
  readonly key?: string | undefined;
  readonly clientId?: string | undefined;
  /** The `side` that the login was forced to, if it was: it holds for the whole session. */
  readonly forced?: Side | undefined;
}

/** What to do with a session that needs a new access token. */
export interface RefreshSelection {
  /** `refresh` on the session's own side, `retarget` it to the other, or `reauthenticate` the user for the other. */
  readonly action: 'refresh' | 'retarget' | 'reauthenticate';
  /** The side that `parameters` ask for. */
  readonly side: Side;
  /** What to send with the refresh request; with `reauthenticate`, with the authorization request. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Why the selected side is what it is. */
  readonly reason: SelectionReason;
}

/** Decides which side a login asks for. Synchronous and pure but for reading the switch; no method ever throws. */
export interface Selector {
  /** The dialect of all parameters, where one was chosen. */
  readonly dialect?: Dialect;
  select(request: SelectionRequest): Selection;
  /**
   * Decides about a refresh. Changes a session's side only on a fresh position that can be read, so that an outage of
   * the flag store moves nobody.
   */
  selectForRefresh(session: RefreshableSession): RefreshSelection;
}
