import type { RequestOutcome } from '../ledger/ledger.ts';

/** One client of the API. It sends one request at a time. */
export interface Client {
  /** Sends one request with a token that the client believes valid, and returns its outcome. */
  request(): Promise<RequestOutcome>;
  close(): Promise<void>;
}
