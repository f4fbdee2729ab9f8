import type { Clock } from '@crossfade/core';

/**
 * Whose `Forwarded` and `X-Forwarded-*` headers were replaced, because they are not of a trusted proxy. A proxy that
 * `trustedProxies` does not name is found here: the API sees the protocol of the data port instead of the proxy's, and may
 * redirect to itself for ever.
 */
export interface ForwardedHeaders {
  /** Returns what notes a request of this address that had such a header. */
  noteOf(address: string): () => void;
  read(): ReplacedHeaders;
}

interface ReplacedHeaders {
  /** How many requests had such a header. */
  readonly replaced: number;
  /** The addresses that sent them, most recent first; the last few only. */
  readonly from: readonly string[];
  /** `null` for never. */
  readonly lastMs: number | null;
}

interface Sender {
  readonly address: string;
  /** Which request was its last one. */
  last: number;
  isListed: boolean;
}

/** A proxy has few addresses, and clients may have any number. */
const MAX_SENDERS = 8;

/** @param onFirst called once, with the first address. */
export function createForwardedHeaders(now: Clock, onFirst: (address: string) => void = () => {}): ForwardedHeaders {
  const senders = new Map<string, Sender>();
  let replaced = 0;
  /** Holds a number without allocating one for each request. */
  const lastMs = new Float64Array(1);
  const oldest = () => [...senders.values()].reduce((one, other) => (other.last < one.last ? other : one));
  const list = (address: string): Sender => {
    const known = senders.get(address);
    if (known !== undefined) return known;
    if (senders.size >= MAX_SENDERS) {
      const forgotten = oldest();
      forgotten.isListed = false;
      senders.delete(forgotten.address);
    }
    const sender = { address, last: 0, isListed: true };
    senders.set(address, sender);
    return sender;
  };
  return {
    noteOf(address) {
      let sender: Sender | undefined;
      return () => {
        replaced += 1;
        lastMs[0] = now();
        if (sender?.isListed !== true) sender = list(address);
        sender.last = replaced;
        if (replaced === 1) onFirst(address);
      };
    },
    read() {
      const listed = [...senders.values()].toSorted((one, other) => other.last - one.last);
      return {
        replaced,
        from: listed.map(({ address }) => address),
        lastMs: replaced === 0 ? null : (lastMs[0] ?? null),
      };
    },
  };
}
