import { type Clock, UnavailableError } from '@crossfade/core';
import { discoverProvider } from './discover-provider.ts';
import { createMetadataCache } from './metadata-cache.ts';
import type { Provider } from './provider.ts';
import { providerError } from './provider-error.ts';
import { createProviderFetch } from './provider-fetch.ts';
import type { ProviderOptions } from './provider-options.ts';
import { createRequestGate } from './request-gate.ts';

const DEFAULT_TIMEOUT_MS = 10_000;

/** Creates a provider, without a request. The options have no problems. */
export function createProvider(options: ProviderOptions, now: Clock): Provider {
  const gate = createRequestGate(now);
  const send = createProviderFetch({
    // Looked up at each request, so that a test or an instrumentation may replace it.
    send: options.fetch ?? ((...request) => fetch(...request)),
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    now,
    onSend: gate.sent,
    onRetryAfter: gate.close,
  });
  const metadata = createMetadataCache(() => discoverProvider(options, send), now);

  return {
    issuer: options.issuer,
    clientId: options.clientId,
    options,
    request: (what, send) =>
      gate.run(what, async () => {
        try {
          const discovered = await metadata();
          return await send(discovered.configuration, discovered);
        } catch (error) {
          throw withWait(providerError(error, what), gate.waitSeconds());
        }
      }),
  };
}

/** The provider may have asked to wait in any response that a request led to, such as that of its keys. */
function withWait(error: unknown, waitSeconds: number): unknown {
  if (!(error instanceof UnavailableError) || waitSeconds === 0) return error;
  return new UnavailableError(error.message, {
    retryAfterSeconds: waitSeconds,
    ...('cause' in error && { cause: error.cause }),
  });
}
