import { type Clock, UnavailableError } from '@crossfade/core';
import { discoverProvider } from './discover-provider.ts';
import type { DiscoveredProvider } from './discovered-provider.ts';
import { InvalidResponseError } from './errors.ts';
import { createMetadataCache } from './metadata-cache.ts';
import type { Provider } from './provider.ts';
import { providerError } from './provider-error.ts';
import { createProviderFetch } from './provider-fetch.ts';
import type { ProviderOptions } from './provider-options.ts';
import { createRequestGates } from './request-gates.ts';

const DEFAULT_TIMEOUT_MS = 10_000;

/** Creates a provider, without a request. The options have no problems. */
export function createProvider(options: ProviderOptions, now: Clock): Provider {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const gates = createRequestGates(now, timeoutMs);
  const send = createProviderFetch({
    // Looked up at each request, so that a test or an instrumentation may replace it.
    send: options.fetch ?? ((...request) => fetch(...request)),
    timeoutMs,
    now,
    gates,
  });
  const metadata = createMetadataCache<DiscoveredProvider>(
    async (known) => complete(await discoverProvider(options, send), known),
    now,
  );

  return {
    issuer: options.issuer,
    clientId: options.clientId,
    options,
    async request(what, send) {
      const { closings } = gates;
      try {
        const discovered = await metadata();
        return await send(discovered.configuration, discovered);
      } catch (error) {
        throw withWait(providerError(error, what), gates.closings > closings ? gates.latestWaitSeconds() : 0);
      }
    },
  };
}

/** Endpoints that a provider does not lose from one hour to the next. */
const LASTING = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const;

/** @throws {@link InvalidResponseError} where the metadata lacks what it must have, or had: a mistake, or a page of a proxy. */
function complete(found: DiscoveredProvider, known: DiscoveredProvider | undefined): DiscoveredProvider {
  const [now, before] = [found, known].map((one) => one?.configuration.serverMetadata());
  const isLost = LASTING.some((name) => before?.[name] !== undefined && now?.[name] === undefined);
  if (isLost || now?.token_endpoint === undefined) throw new InvalidResponseError('its metadata', 'metadata');
  return found;
}

/** The provider may have asked to wait in any response that a request led to, such as that of its keys. */
function withWait(error: unknown, waitSeconds: number): unknown {
  if (!(error instanceof UnavailableError) || waitSeconds === 0) return error;
  return new UnavailableError(error.message, {
    retryAfterSeconds: waitSeconds,
    ...('cause' in error && { cause: error.cause }),
  });
}
