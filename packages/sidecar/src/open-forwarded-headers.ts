import { type Clock, formatInstant } from '@crossfade/core';
import type { SidecarStatus } from '@crossfade/core/status';
import { createForwardedHeaders, type ForwardedHeaders } from './http/forwarded-headers.ts';
import type { Log } from './process/log.ts';

interface OpenForwardedHeaders extends Pick<ForwardedHeaders, 'noteOf'> {
  /** Adds what was replaced to a status. */
  addTo(status: SidecarStatus): SidecarStatus;
}

/** Reports whose forwarded headers are replaced: in the status, and the first time in the log. */
export function openForwardedHeaders(now: Clock, log: Log): OpenForwardedHeaders {
  const { noteOf, read } = createForwardedHeaders(now, (from) =>
    log.warn(
      { event: 'forwarded_headers_replaced', from },
      'replaced the X-Forwarded-* headers of a client that is not in sidecar.trustedProxies: name it there if it is a proxy of yours',
    ),
  );
  return {
    noteOf,
    addTo(status) {
      const { lastMs, ...replaced } = read();
      return { ...status, forwardedHeaders: { ...replaced, lastAt: formatInstant(lastMs) } };
    },
  };
}
