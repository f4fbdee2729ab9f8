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

/** The system's own errors are all named "Error"; the SDK's have names that say more than their codes. */
function codeOf(error: Error): string {
  const hasCode = error.name === 'Error' && 'code' in error && typeof error.code === 'string';
  return hasCode ? String(error.code) : error.name;
}
