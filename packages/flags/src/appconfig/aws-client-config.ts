import { isLoopbackHost } from '@crossfade/core';

/** The settings of both AWS SDK clients. */
export interface AwsClientConfig {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
    readonly socketTimeout: number;
  };
}

/**
 * Lets the AWS SDK find region, endpoint and credentials as usual, except for a loopback endpoint: signatures cover the
 * host name, so it is never AWS and must not receive real credentials.
 */
export function awsClientConfig(options: {
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly timeoutMs: number;
}): AwsClientConfig {
  const { region, endpoint, timeoutMs } = options;
  const requestHandler = {
    connectionTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    // Without it the timeout only logs a warning.
    throwOnRequestTimeout: true as const,
    // Covers a response that stops in the middle: it has met the request timeout already.
    socketTimeout: timeoutMs,
  };
  const isLocal = endpoint !== undefined && isLoopbackHost(new URL(endpoint).hostname);
  const local = { region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  return {
    ...(isLocal && local),
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    requestHandler,
  };
}
