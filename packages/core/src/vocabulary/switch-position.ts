/** Which audiences an API lets in: one of the two switches. */
export type Acceptance = 'both' | 'target';

/** An acceptance as observed from outside: an API that has no target side yet shows `legacy`. */
export type ObservedAcceptance = 'legacy' | Acceptance;

/** Which side a login asks for: the other switch. */
export interface Issuance {
  readonly enabled: boolean;
  /** The share of keys that get the target side, 0..100 with two decimals; 0 while disabled. */
  readonly percent: number;
  /** The `revision` attribute of the flag, if it has one. */
  readonly revision: string | null;
  /** When the switch took this position, in ms, as its writer noted it; `null` if unknown. */
  readonly sinceMs: number | null;
}

/** Read synchronously at every request. */
export type AcceptanceSwitch = () => Acceptance;

/** Read synchronously at every login. `stale` means that the position is the last known one. */
export type IssuanceSwitch = () => Issuance & { readonly stale?: boolean };

/** Both switches as one flag document commands them. */
export interface SwitchPosition {
  readonly acceptance: Acceptance;
  readonly issuance: Issuance;
}
