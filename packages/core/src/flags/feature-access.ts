/** Who asks for which feature. */
export interface FeatureRequest {
  /** The roles that the verified access token carries; none where nobody is logged in. */
  readonly roles: readonly string[];
  /** The role that opens the feature's beta. Absent: its beta is open to nobody. */
  readonly role?: string | undefined;
  /** The feature's name, without `-beta` or `-public`. */
  readonly feature: string;
}

/** Role x flag: says whether a feature is open to somebody. It does not verify tokens. */
export interface FeatureAccess {
  /** Synchronous, never throws. What is not known to be on is off. */
  hasAccess(request: FeatureRequest): boolean;
}
