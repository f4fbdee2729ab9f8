import { isLoopbackHost } from '@crossfade/core';
/** What both AWS SDK clients are told: where, and how long to wait. */
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
 * Region, endpoint and credentials are found as AWS SDK users expect, except on a loopback endpoint: signatures cover
 * the host name, so an endpoint there is never AWS, and a real credential has no business there.
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
    // Without it the timeout is a warning, and the request waits on.
    throwOnRequestTimeout: true as const,
    // An answer that stops in the middle has met the request timeout already.
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
