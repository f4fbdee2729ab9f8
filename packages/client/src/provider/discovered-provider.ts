import type { JWTVerifyGetKey } from 'jose';
import type { Configuration } from 'openid-client';

/** The keys of a provider. `fresh` says whether they are known and not too old; `reload` fetches them again. */
export type ProviderKeys = JWTVerifyGetKey & { readonly fresh?: boolean; readonly reload?: () => Promise<void> };

/** What the metadata of a provider gives. */
export interface DiscoveredProvider {
  /** Checks the signature of every ID token that it receives. */
  readonly configuration: Configuration;
  /** Leaves the signature to the caller, who must not lose a refresh token because a key cannot be fetched. */
  readonly unverified: Configuration;
  /** The keys that the provider signs ID tokens and logout tokens with; fetched at the first use. */
  readonly keys: ProviderKeys;
}
