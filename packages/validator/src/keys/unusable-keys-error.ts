import { describeFlaws, type KeySetContent } from './key-set.ts';

/**
 * Keys were fetched, and none verifies a signature. The message says why, and holds nothing of the keys. Internal:
 * callers get an `UnavailableError` that repeats it.
 */
export class UnusableKeysError extends Error {
  /** @param content - `undefined` if what was fetched is no JWKS. */
  constructor(url: URL, content: KeySetContent | undefined) {
    super(`${url}: ${describe(content)}`);
    this.name = new.target.name;
  }
}

function describe(content: KeySetContent | undefined): string {
  if (content === undefined) return 'what was fetched is no JSON Web Key Set';
  const { flaws } = content;
  if (flaws.length === 0) return 'a JSON Web Key Set without keys was fetched';
  const keys = flaws.length === 1 ? '1 key was fetched' : `${flaws.length} keys were fetched`;
  return `${keys}, none usable: ${describeFlaws(flaws)}`;
}
