import type { FlagSource } from '@crossfade/core';

/** Who asks for which feature. */
export interface FeatureRequest {
  /** The roles that the verified access token carries. */
  readonly roles: readonly string[];
  /** The role that opens the feature's beta. */
  readonly role: string;
  /** The feature's name, without `-beta` or `-public`. */
  readonly feature: string;
}

export interface FeatureAccess {
  /** Synchronous, never throws. What is not known to be on is off. */
  hasAccess(request: FeatureRequest): boolean;
}

/**
 * Role x flag: a feature is open when `<feature>-public` is on, or when `<feature>-beta` is on and the token has the
 * role. Does not verify tokens: give it roles of a verified one.
 * @example
 * createFeatureAccess({ flags }).hasAccess({ roles: token.roles, role: 'beta-tester', feature: 'new-dashboard' });
 */
export function createFeatureAccess({ flags }: { readonly flags: Pick<FlagSource, 'snapshot'> }): FeatureAccess {
  return {
    hasAccess({ roles, role, feature }) {
      const { features } = flags.snapshot().document;
      if (features.get(`${feature}-public`) === true) return true;
      return features.get(`${feature}-beta`) === true && roles.includes(role);
    },
  };
}
