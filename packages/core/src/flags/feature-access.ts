/** A caller's request for a feature. */
export interface FeatureRequest {
  /** The roles that the verified access token carries; none without a login. */
  readonly roles: readonly string[];
  /** The role that opens the feature's beta. Absent: its beta is closed. */
  readonly role?: string | undefined;
  /** The feature's name, without `-beta` or `-public`. */
  readonly feature: string;
}

/** Tells from roles and flags whether a feature is open to a caller. Does not verify tokens. */
export interface FeatureAccess {
  /** Synchronous, never throws. An unknown feature is off. */
  hasAccess(request: FeatureRequest): boolean;
}
