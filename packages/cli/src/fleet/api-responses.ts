/** When the API last accepted and last refused a token of one side alone, in ms; `null` for never. */
export interface ApiResponses {
  readonly acceptedMs: number | null;
  readonly unauthorizedMs: number | null;
}

/**
 * Tells whether an API is known to accept a side: its later response decides, and equal times count as refused. Where it
 * has not responded yet, `commanded` decides: what the process that judges for it lets in; `undefined` if none does.
 */
export function isKnownToAccept({ acceptedMs, unauthorizedMs }: ApiResponses, commanded: boolean | undefined): boolean {
  if (commanded === false) return false;
  if (unauthorizedMs !== null) return acceptedMs !== null && acceptedMs > unauthorizedMs;
  return acceptedMs !== null || commanded === true;
}
