import type { Admission } from './guard.ts';

/** Where the answer to a request that was let in names the nonce of its client's next proof (RFC 9449 §8.2). */
export const NONCE_HEADER = 'dpop-nonce';

/** The nonce that the answer to a request has to name; `undefined` where there is none to name. */
export function nextNonce(admission: Admission): string | undefined {
  return typeof admission === 'object' && 'nonce' in admission ? admission.nonce : undefined;
}
