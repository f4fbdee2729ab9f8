import type { RequestOutcome } from '../ledger/ledger.ts';

/** One client of the API, whatever it is: it does one request after the other. */
export interface Client {
  /** Makes one request with a token that is valid as far as its holder knows, and tells how it ended. */
  request(): Promise<RequestOutcome>;
  close(): Promise<void>;
}
