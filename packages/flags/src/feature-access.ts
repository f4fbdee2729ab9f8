import type { FeatureAccess, FlagSource } from '@crossfade/core';

/**
 * Decides feature access from the flags: a feature is open when `<feature>-public` is on, or when `<feature>-beta` is on
 * and the token has the role. Does not verify tokens: pass the roles of a verified one.
 * @example
 * createFeatureAccess({ flags }).hasAccess({ roles: token.roles, role: 'beta-tester', feature: 'new-dashboard' });
 */
export function createFeatureAccess({ flags }: { readonly flags: Pick<FlagSource, 'snapshot'> }): FeatureAccess {
  return {
    hasAccess({ roles, role, feature }) {
      const { features } = flags.snapshot().document;
      if (features.get(`${feature}-public`) === true) return true;
      return features.get(`${feature}-beta`) === true && role !== undefined && roles.includes(role);
    },
  };
}
