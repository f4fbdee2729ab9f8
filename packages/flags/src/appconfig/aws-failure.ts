import { errorCode } from '@crossfade/core';

// The SDK throws a plain error with only a message.
const REGION_MISSING = 'Region is missing';

/** Returns the HTTP status of an AWS SDK error, if there was a response. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata as { readonly httpStatusCode?: number } | undefined;
  return metadata?.httpStatusCode;
}

/** Names the error for operators: `ThrottlingException, 429`. Leaves out its message, which may quote the request. */
export function describeFailure(error: unknown): string {
  const name = error instanceof Error ? codeOf(error) : 'unknown error';
  const status = statusOf(error);
  return status === undefined ? name : `${name}, ${status}`;
}

/** Whether the SDK found no region: neither an option nor AWS_REGION nor a profile names one. */
export function isRegionMissing(error: unknown): boolean {
  return error instanceof Error && error.message === REGION_MISSING;
}

/** System errors are all named "Error", so their code says more; SDK errors have telling names. */
function codeOf(error: Error): string {
  if (isRegionMissing(error)) return REGION_MISSING;
  return (error.name === 'Error' ? errorCode(error) : undefined) ?? error.name;
}
