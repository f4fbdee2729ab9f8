import { type Clock, formatDuration, formatInstant } from '@crossfade/core';
import type { SidecarStatus } from '@crossfade/core/status';
import type { Log } from './process/log.ts';
import { createUpstreamHealth, type UpstreamHealth } from './proxy/upstream-health.ts';

interface OpenUpstreamHealth {
  readonly health: UpstreamHealth;
  /** Adds what failed to a status. */
  addTo(status: SidecarStatus): SidecarStatus;
}

/** Reports whether the API responds: in the status, and in the log when it ceases to and when it does again. */
export function openUpstreamHealth(now: Clock, log: Log): OpenUpstreamHealth {
  const health = createUpstreamHealth(now, {
    onFailing: ({ code, hint = `the API does not respond as it should (${code}): clients get 502 or 504` }) =>
      log.warn({ event: 'upstream', code }, hint),
    onResponding: (forMs, failures) =>
      log.info(
        { event: 'upstream', failures },
        `the API responds again; requests that failed in ${formatDuration(forMs)}: ${failures}`,
      ),
  });
  return {
    health,
    addTo(status) {
      const { failures, lastMs, lastCode } = health.read();
      return { ...status, upstream: { failures, lastFailureAt: formatInstant(lastMs), lastCode } };
    },
  };
}
