import { errorCode } from '@crossfade/core';
import { UnexpectedResponseError } from '../http/fetch-json.ts';
import { TimeoutError } from '../http/timeout.ts';
import { UnusableKeysError } from './unusable-keys-error.ts';

/** Why there are no keys. */
export interface KeyFailure {
  /** In words, after the name of a server: `did not respond in time`. */
  readonly what: string;
  /** Whether the issuer responded, and means it: it publishes no keys where we look. */
  readonly isDefinite: boolean;
}

/**
 * Describes an error of a key fetch for those who operate the validator.
 * @param error - of several metadata documents, the first one's counts: it is what most issuers have.
 */
export function describeKeyFailure(error: unknown): KeyFailure {
  if (error instanceof AggregateError) {
    const failures = error.errors.map(describeKeyFailure);
    const what = failures[0]?.what ?? 'has no metadata';
    return { what, isDefinite: failures.every(({ isDefinite }) => isDefinite) };
  }
  if (error instanceof UnexpectedResponseError) return { what: error.what, isDefinite: !error.isTemporary };
  if (error instanceof UnusableKeysError) return { what: 'publishes no key that can be used', isDefinite: false };
  return { what: networkFailure(error), isDefinite: false };
}

function networkFailure(error: unknown): string {
  if (error instanceof TimeoutError) return 'did not respond in time';
  const code = errorCode(error) ?? (error instanceof Error ? errorCode(error.cause) : undefined);
  return code === undefined ? 'cannot be reached' : `cannot be reached (${code})`;
}
