import type { AcceptanceSwitch, Brownout, BrownoutSwitch, Clock } from '@crossfade/core';
import type { DpopSettings } from '../dpop/dpop-options.ts';
import type { TokenExchange } from '../exchange/token-exchange.ts';
import type { IntrospectionSettings } from '../introspection/introspection-options.ts';
import type { KeyRefreshSettings } from '../keys/key-refresh-options.ts';
import type { KeySource } from '../keys/open-issuer-keys.ts';
import type { Policy } from '../policy/side-settings.ts';
import type { IsRevoked } from '../revocation/denylist.ts';

/** One issuer: one key set for all of its sides. */
export interface IssuerSettings {
  /** Every spelling of it, in the order in which its metadata is looked for. */
  readonly names: readonly string[];
  readonly keys: KeySource;
  /** Of all sides of this issuer; each side then checks its own. */
  readonly algorithms: ReadonlySet<string>;
}

/** The options of a validator, checked and with their defaults filled in. */
export interface ValidatorSettings extends Policy {
  readonly issuers: readonly IssuerSettings[];
  /** The endpoints to ask about opaque tokens, by precedence. */
  readonly introspection: readonly IntrospectionSettings[];
  /** Exchanges opaque tokens, instead of asking those endpoints. */
  readonly exchange: TokenExchange | undefined;
  readonly dpop: DpopSettings;
  readonly acceptance: AcceptanceSwitch;
  readonly brownout: BrownoutSwitch | undefined;
  readonly onBrownoutStopped: ((brownout: Brownout) => void) | undefined;
  readonly clockToleranceSeconds: number;
  readonly maxTokenBytes: number;
  readonly keyRefresh: KeyRefreshSettings;
  readonly isRevoked: IsRevoked | undefined;
  readonly cache: false | { readonly maxEntries: number; readonly maxBytes: number };
  readonly now: Clock;
}
