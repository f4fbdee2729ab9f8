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

/** As the SDK names what it lacks, and as AWS names what it no longer takes. */
const CREDENTIALS_FAILURES: ReadonlySet<string> = new Set([
  'CredentialsProviderError',
  'TokenProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'MissingAuthenticationToken',
  'UnrecognizedClientException',
]);

/** Whether the caller must log in: the credentials are missing, expired or unknown to AWS. */
export function isCredentialsFailure(error: unknown): boolean {
  return error instanceof Error && CREDENTIALS_FAILURES.has(error.name);
}

/** System errors are all named "Error", so their code says more; SDK errors have telling names. */
function codeOf(error: Error): string {
  if (isRegionMissing(error)) return REGION_MISSING;
  return (error.name === 'Error' ? errorCode(error) : undefined) ?? error.name;
}
