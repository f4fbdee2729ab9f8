import {
  AppConfigDataClient,
  type AppConfigDataClientConfig,
  GetLatestConfigurationCommand,
  StartConfigurationSessionCommand,
} from '@aws-sdk/client-appconfigdata';
import type { AppConfigLocation } from '@crossfade/core';
import { withTimeout } from '../polling/timeout.ts';
import { awsClientConfig } from './aws-client-config.ts';

/** One response of `GetLatestConfiguration`, with its many forms of "unchanged" normalised. */
interface DataPlaneResponse {
  readonly nextToken: string;
  /** The pause that the service requests; `null` if it did not say. */
  readonly nextPollMs: number | null;
  /** `null`: unchanged. */
  readonly content: Uint8Array | null;
  readonly versionLabel: string | null;
}

/** The two calls of AppConfig's data plane. Both reject with the SDK's own errors. */
export interface AppConfigDataPlane {
  startSession(signal: AbortSignal): Promise<string>;
  poll(token: string, signal: AbortSignal): Promise<DataPlaneResponse>;
  close(): void;
}

export interface DataPlaneOptions extends AppConfigLocation {
  readonly pollIntervalMs: number;
  readonly timeoutMs: number;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly clientConfig?: AppConfigDataClientConfig | undefined;
}

const MIN_POLL_SECONDS = 15;
const MAX_POLL_SECONDS = 86_400;

export function createAppConfigDataPlane(options: DataPlaneOptions): AppConfigDataPlane {
  const { timeoutMs } = options;
  const client = new AppConfigDataClient({
    ...awsClientConfig(options),
    ...options.clientConfig,
    // The SDK's own retry would resend a token that is valid for one call only. The session retries instead.
    maxAttempts: 1,
  });
  const location = {
    ApplicationIdentifier: options.application,
    EnvironmentIdentifier: options.environment,
    ConfigurationProfileIdentifier: options.profile,
    RequiredMinimumPollIntervalInSeconds: Math.max(MIN_POLL_SECONDS, Math.ceil(options.pollIntervalMs / 1000)),
  };
  return {
    async startSession(signal) {
      const command = new StartConfigurationSessionCommand(location);
      const response = await withTimeout(timeoutMs, signal, (abortSignal) => client.send(command, { abortSignal }));
      return tokenOf(response.InitialConfigurationToken);
    },
    async poll(token, signal) {
      const command = new GetLatestConfigurationCommand({ ConfigurationToken: token });
      const response = await withTimeout(timeoutMs, signal, (abortSignal) => client.send(command, { abortSignal }));
      return {
        nextToken: tokenOf(response.NextPollConfigurationToken),
        nextPollMs: pauseOf(response.NextPollIntervalInSeconds),
        content: changedContent(response.Configuration),
        versionLabel: response.VersionLabel || null,
      };
    },
    close: () => client.destroy(),
  };
}

function tokenOf(token: string | undefined): string {
  if (token) return token;
  throw Object.assign(new Error('the response has no token'), { name: 'MissingToken' });
}

/** Limits the pause to between a second and a day: a wrong number must neither flood the service nor overflow a timer. */
function pauseOf(seconds: number | undefined): number | null {
  if (seconds === undefined || !Number.isFinite(seconds)) return null;
  return Math.min(Math.max(seconds, 1), MAX_POLL_SECONDS) * 1000;
}

/**
 * Returns the configuration of a data plane response, or `null` if it is unchanged. SDK releases represent "unchanged" as
 * an empty array, as an absent field and today as `null`, whatever the type says.
 */
export function changedContent(configuration: Uint8Array | null | undefined): Uint8Array | null {
  return configuration == null || configuration.byteLength === 0 ? null : configuration;
}
