import {
  AppConfigDataClient,
  type AppConfigDataClientConfig,
  GetLatestConfigurationCommand,
  StartConfigurationSessionCommand,
} from '@aws-sdk/client-appconfigdata';
import type { AppConfigLocation } from '@crossfade/core';
import { withDeadline } from '../disk-cache/timeout.ts';
import { changedContent } from '../polling/changed-content.ts';
import { awsClientConfig } from './aws-client-config.ts';

/** One answer of `GetLatestConfiguration`, its many shapes of "nothing new" made one. */
interface PollAnswer {
  readonly nextToken: string;
  /** How long the service wants to be left alone; `null` when it did not say. */
  readonly nextPollMs: number | null;
  /** `null`: the same configuration as before. */
  readonly content: Uint8Array | null;
  readonly versionLabel: string | null;
}

/** The two calls of AppConfig's data plane. Both reject with the SDK's own errors. */
export interface AppConfigDataPlane {
  startSession(signal: AbortSignal): Promise<string>;
  poll(token: string, signal: AbortSignal): Promise<PollAnswer>;
  close(): void;
}

export interface DataPlaneOptions extends AppConfigLocation {
  readonly pollIntervalMs: number;
  readonly timeoutMs: number;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly clientConfig?: AppConfigDataClientConfig | undefined;
}

const LEAST_POLL_SECONDS = 15;
const MOST_POLL_SECONDS = 86_400;

export function createAppConfigDataPlane(options: DataPlaneOptions): AppConfigDataPlane {
  const { timeoutMs } = options;
  const client = new AppConfigDataClient({
    ...awsClientConfig(options),
    ...options.clientConfig,
    // The SDK's own retry resends a token that is good for one call only. Retrying is the session's business.
    maxAttempts: 1,
  });
  const location = {
    ApplicationIdentifier: options.application,
    EnvironmentIdentifier: options.environment,
    ConfigurationProfileIdentifier: options.profile,
    RequiredMinimumPollIntervalInSeconds: Math.max(LEAST_POLL_SECONDS, Math.ceil(options.pollIntervalMs / 1000)),
  };
  return {
    async startSession(signal) {
      const command = new StartConfigurationSessionCommand(location);
      const answer = await withDeadline(timeoutMs, signal, (abortSignal) => client.send(command, { abortSignal }));
      return tokenOf(answer.InitialConfigurationToken);
    },
    async poll(token, signal) {
      const command = new GetLatestConfigurationCommand({ ConfigurationToken: token });
      const answer = await withDeadline(timeoutMs, signal, (abortSignal) => client.send(command, { abortSignal }));
      return {
        nextToken: tokenOf(answer.NextPollConfigurationToken),
        nextPollMs: pauseOf(answer.NextPollIntervalInSeconds),
        content: changedContent(answer.Configuration),
        versionLabel: answer.VersionLabel || null,
      };
    },
    close: () => client.destroy(),
  };
}

function tokenOf(token: string | undefined): string {
  if (token) return token;
  throw Object.assign(new Error('an answer without a token'), { name: 'MissingToken' });
}

/** Within a second and a day: a wrong number must neither make us storm the service nor overflow a timer. */
function pauseOf(seconds: number | undefined): number | null {
  if (seconds === undefined || !Number.isFinite(seconds)) return null;
  return Math.min(Math.max(seconds, 1), MOST_POLL_SECONDS) * 1000;
}
