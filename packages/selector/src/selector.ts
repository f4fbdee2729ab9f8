import type {
  IssuanceSwitch,
  MigrationPlan,
  RequestParameters,
  Selection,
  SelectionReason,
  Side,
} from '@crossfade/core';
import type { Dialect, SelectableSide } from './dialects/dialect.ts';

/**
 * What a refresh can do when a session's side is no longer the selected one:
 * - `keep`: the provider binds a refresh token to the audience of its login. The session stays on its side until it ends.
 * - `retarget`: the provider issues tokens for the scope or resource of the refresh. The session changes sides.
 * - `reauthenticate`: as `keep`, but the user is sent through a login, which asks for the other side.
 */
export const REFRESH_CAPABILITIES = ['keep', 'retarget', 'reauthenticate'] as const;
export type RefreshCapability = (typeof REFRESH_CAPABILITIES)[number];

export interface CommonSelectorOptions {
  /** The issuance switch; read synchronously at every selection. `issuanceSwitch(source)` creates one. */
  readonly issuance: IssuanceSwitch;
  /** Clients that always get one side, by client id: canaries, support tools. */
  readonly forced?: Readonly<Record<string, Side>>;
  /**
   * What a refresh can do at this provider. Default: `retarget` when the plan says that no legacy session outlives its
   * token (`legacy.sessionLifetime: 0s`), else `keep`.
   */
  readonly refresh?: RefreshCapability;
  /** How the provider is asked for an audience. Default: by scope, and by resource (RFC 8707) if a side has one. */
  readonly dialect?: Dialect;
}

/** The two sides are given as a plan or one by one. The plan's migration is the default salt. */
export type SelectorOptions = CommonSelectorOptions &
  (
    | { readonly plan: Pick<MigrationPlan, 'migration' | 'legacy' | 'target'>; readonly salt?: string }
    | { readonly legacy: SelectableSide; readonly target: SelectableSide; readonly salt: string }
  );

/** One login. */
export interface SelectionRequest {
  /**
   * A value that stays the same across logins: a user id, a device id, a client id for machines. Without a key a login
   * gets legacy while the percentage is between 0 and 100. It is hashed, never sent or stored.
   */
  readonly key?: string | undefined;
  /** The OAuth client of the login; only used for `forced`. */
  readonly clientId?: string | undefined;
  /** Forces this login to a side; takes precedence over everything else. Never take it from an untrusted request. */
  readonly side?: Side | undefined;
  /** As `side`, for one migration of a combination each, by its salt. `side` takes precedence. */
  readonly sides?: Readonly<Record<string, Side>> | undefined;
}

/** A session to refresh. */
export interface RefreshableSession {
  /** The side that the session's tokens were requested for. Default: legacy, for sessions from before the migration. */
  readonly side?: Side | undefined;
  /**
   * Of a login with combined selectors: the side of each migration, by its salt. Takes precedence over `side`; a migration
   * that is not listed joined after the login, so it is on legacy.
   */
  readonly sides?: Readonly<Record<string, Side>> | undefined;
  readonly key?: string | undefined;
  readonly clientId?: string | undefined;
  /** The `side` that the login was forced to, if any; it applies to the whole session. */
  readonly forced?: Side | undefined;
}

/** How to get a new access token for a session. */
export interface RefreshSelection {
  /** `refresh` on the session's own side, `retarget` it to the other, or `reauthenticate` the user for the other. */
  readonly action: 'refresh' | 'retarget' | 'reauthenticate';
  /** The side that `parameters` ask for. */
  readonly side: Side;
  /** What to send with the refresh request; with `reauthenticate`, with the authorization request. */
  readonly parameters: RequestParameters;
  /** Why this side is selected; of a combination: the reason of the migration that decides the action. */
  readonly reason: SelectionReason;
  /** Only of a combination: what each migration would do alone, by its salt. */
  readonly parts?: Readonly<Record<string, RefreshSelection>>;
}

/** A migration that a selector selects for. */
export interface SelectableMigration {
  /** Unique in a combination; by default the plan's migration. */
  readonly salt: string;
  readonly sides: Readonly<Record<Side, SelectableSide>>;
  readonly dialect?: Dialect;
}

/** Decides which side a login asks for. Synchronous, pure except for reading the switch; its methods never throw. */
export interface Selector {
  /** The dialect of all parameters, if one was chosen. */
  readonly dialect?: Dialect;
  /** One, or several if selectors are combined. */
  readonly migrations: readonly SelectableMigration[];
  select(request: SelectionRequest): Selection;
  /**
   * Decides about a refresh. A session changes sides only on a fresh position, so an outage of the flag store moves no
   * session.
   */
  selectForRefresh(session: RefreshableSession): RefreshSelection;
}
