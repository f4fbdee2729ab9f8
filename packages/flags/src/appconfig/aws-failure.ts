import { errorCode } from '@crossfade/core';

// The SDK throws a plain error for it, with nothing but a message.
const REGION_MISSING = 'Region is missing';

/** The HTTP status of an AWS SDK error, if an answer came at all. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata as { readonly httpStatusCode?: number } | undefined;
  return metadata?.httpStatusCode;
}

/** `ThrottlingException, 429`: which error, for operators; never its message, which may quote what was sent. */
export function describeFailure(error: unknown): string {
  const name = error instanceof Error ? codeOf(error) : 'unknown error';
  const status = statusOf(error);
  return status === undefined ? name : `${name}, ${status}`;
}

/** The SDK knows no region: neither an option nor AWS_REGION nor a profile names one. */
export function isRegionMissing(error: unknown): boolean {
  return error instanceof Error && error.message === REGION_MISSING;
}

/** The system's own errors are all named "Error"; the SDK's have names that say more than their codes. */
function codeOf(error: Error): string {
  if (isRegionMissing(error)) return REGION_MISSING;
  return (error.name === 'Error' ? errorCode(error) : undefined) ?? error.name;
}
