import { type Clock, ConfigError, type SidecarPlan, type SidePlan } from '@crossfade/core';
import {
  createPhantomTokenExchange,
  createTokenExchange,
  firstTokenExchange,
  type TokenExchange,
} from '@crossfade/validator/exchange';

interface Sides {
  readonly legacy: SidePlan;
  readonly target?: SidePlan | undefined;
}
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Opens the exchange of opaque tokens for JWTs that a plan asks for; `undefined` if it asks for none. Without
 * `sidecar.exchange`, the introspection endpoints of the sides give the JWTs, the target's before the legacy one.
 * @throws {@link ConfigError} when nothing can exchange tokens, or a named variable is not set.
 */
export function openExchange(
  sides: Sides,
  { upstreamToken, exchange }: Pick<SidecarPlan, 'upstreamToken' | 'exchange'>,
  environment: Environment,
  now: Clock,
): TokenExchange | undefined {
  if (upstreamToken !== 'jwt') return undefined;
  if (exchange !== undefined) {
    const { endpoint, clientId, clientSecretEnv } = exchange;
    const clientSecret = secretOf('sidecar.exchange.clientSecretEnv', clientSecretEnv, environment);
    return createTokenExchange({ endpoint, clientId, clientSecret, now });
  }
  const exchanges = phantomExchanges(sides, environment, now);
  if (exchanges.length === 0) throw problem('sidecar.upstreamToken', NO_EXCHANGE);
  return firstTokenExchange(exchanges);
}

const NO_EXCHANGE = 'needs sidecar.exchange, or introspection of a side, to get the JWT of an opaque token from';

/** One for each endpoint and client: both sides may have the same. */
function phantomExchanges({ target, legacy }: Sides, environment: Environment, now: Clock): readonly TokenExchange[] {
  const exchanges = new Map<string, TokenExchange>();
  for (const [side, plan] of Object.entries({ target, legacy })) {
    if (plan?.introspection === undefined) continue;
    const { issuer, issuers = [issuer], introspection } = plan;
    const { clientSecretEnv, response, impliesAudience, ...client } = introspection;
    const clientSecret = secretOf(`${side}.introspection.clientSecretEnv`, clientSecretEnv, environment);
    const options = { ...client, issuer: issuers, clientSecret };
    exchanges.set(JSON.stringify(options), createPhantomTokenExchange({ ...options, now }));
  }
  return [...exchanges.values()];
}

function secretOf(path: string, name: string, environment: Environment): string {
  const secret = environment[name];
  if (secret) return secret;
  throw problem(path, `names the environment variable ${name}, which is not set: set it to the client secret`);
}

function problem(path: string, message: string): ConfigError {
  return new ConfigError('plan', [{ path, message }]);
}
