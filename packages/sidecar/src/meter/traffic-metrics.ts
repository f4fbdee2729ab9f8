import type { Dependency } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Meter } from './meter.ts';
import { metricOptions } from './metric-options.ts';
import type { OpenConnections } from './open-connections.ts';

/**
 * Registers what the meter counts. The numbers are read at scrape time: counting never touches prom-client.
 * @param causes what judging depends on, and so can be unavailable.
 */
export function registerTrafficMetrics(registry: Registry, meter: Meter, causes: readonly Dependency[]): void {
  const registers = [registry];

  new Counter({
    ...metricOptions(METRICS.requests),
    registers,
    collect() {
      this.reset();
      for (const audience of METRICS.requests.labels.audience) {
        this.inc({ audience, outcome: 'rejected' }, meter.audience(audience).rejected);
      }
      // No other class is ever accepted.
      for (const audience of METRICS.lastSeen.labels.audience) {
        this.inc({ audience, outcome: 'accepted' }, meter.audience(audience).accepted);
      }
    },
  });

  new Counter({
    ...metricOptions(METRICS.preflights),
    registers,
    collect() {
      this.reset();
      this.inc(meter.preflights());
    },
  });

  new Counter({
    ...metricOptions(METRICS.rejections),
    registers,
    collect() {
      this.reset();
      for (const reason of METRICS.rejections.labels.reason) {
        const count = meter.rejections(reason);
        if (count > 0) this.inc({ reason }, count);
      }
    },
  });

  new Counter({
    ...metricOptions(METRICS.afterCloseRejections),
    registers,
    collect() {
      this.reset();
      this.inc(meter.afterCloseRejections());
    },
  });

  new Counter({
    ...metricOptions(METRICS.validUnauthorized),
    registers,
    collect() {
      this.reset();
      for (const audience of METRICS.validUnauthorized.labels.audience)
        this.inc({ audience }, meter.audience(audience).validUnauthorized);
    },
  });

  new Gauge({
    ...metricOptions(METRICS.lastValidUnauthorized),
    registers,
    collect() {
      this.set((meter.lastValidUnauthorizedMs() ?? 0) / 1000);
    },
  });

  new Counter({
    ...metricOptions(METRICS.disagreements),
    registers,
    collect() {
      this.reset();
      for (const reason of METRICS.disagreements.labels.reason) {
        const count = meter.disagreements(reason);
        if (count > 0) this.inc({ reason }, count);
      }
    },
  });

  new Gauge({
    ...metricOptions(METRICS.lastDisagreement),
    registers,
    collect() {
      for (const token of METRICS.lastDisagreement.labels.token)
        this.set({ token }, (meter.lastDisagreementMs(token) ?? 0) / 1000);
    },
  });

  new Gauge({
    ...metricOptions(METRICS.apiResponse),
    registers,
    collect() {
      for (const audience of METRICS.apiResponse.labels.audience)
        for (const response of METRICS.apiResponse.labels.response)
          this.set({ audience, response }, (meter.apiResponseMs(audience, response) ?? 0) / 1000);
    },
  });

  new Counter({
    ...metricOptions(METRICS.unavailable),
    registers,
    collect() {
      this.reset();
      for (const cause of METRICS.unavailable.labels.cause) {
        const count = meter.unavailable(cause);
        if (count > 0 || causes.includes(cause)) this.inc({ cause }, count);
      }
    },
  });

  new Gauge({
    ...metricOptions(METRICS.lastUnavailable),
    registers,
    collect() {
      this.set((meter.lastUnavailableMs() ?? 0) / 1000);
    },
  });

  new Gauge({
    ...metricOptions(METRICS.lastSeen),
    registers,
    collect() {
      for (const audience of METRICS.lastSeen.labels.audience)
        this.set({ audience }, meter.audience(audience).lastSeenMs / 1000);
    },
  });

  new Gauge({
    ...metricOptions(METRICS.latestIssued),
    registers,
    collect() {
      for (const audience of METRICS.latestIssued.labels.audience)
        this.set({ audience }, meter.audience(audience).latestIssuedSeconds);
    },
  });

  new Gauge({
    ...metricOptions(METRICS.latestExpiry),
    registers,
    collect() {
      for (const audience of METRICS.latestExpiry.labels.audience)
        this.set({ audience }, meter.audience(audience).latestExpirySeconds);
    },
  });
}

/** Registers the connections that outlive the tokens that opened them. */
export function registerOpenConnections(registry: Registry, read: OpenConnections['counts']): void {
  new Gauge({
    ...metricOptions(METRICS.openConnections),
    registers: [registry],
    collect() {
      const counts = read();
      for (const audience of METRICS.openConnections.labels.audience) this.set({ audience }, counts[audience]);
    },
  });
}
