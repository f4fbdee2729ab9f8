import { AUDIENCE_CLASSES, OUTCOMES, REJECTION_REASONS } from '@crossfade/core';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Meter } from './meter.ts';

/** The classes whose tokens carry verified times. */
const TIMED_CLASSES = ['legacy', 'target', 'bridge'] as const;

/** Registers what the meter counts. The numbers are fetched at scrape time; counting never touches prom-client. */
export function registerTrafficMetrics(registry: Registry, meter: Meter): void {
  const registers = [registry];

  new Counter({
    name: 'crossfade_requests_total',
    help: 'Requests by what their access token turned out to be, and by what was decided about it.',
    labelNames: ['audience', 'outcome'],
    registers,
    collect() {
      this.reset();
      for (const audience of AUDIENCE_CLASSES) {
        const count = meter.audience(audience);
        for (const outcome of OUTCOMES) this.inc({ audience, outcome }, count[outcome]);
      }
    },
  });

  new Counter({
    name: 'crossfade_rejections_total',
    help: 'Rejected access tokens by reason.',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const reason of REJECTION_REASONS) this.inc({ reason }, meter.rejections(reason));
    },
  });

  new Counter({
    name: 'crossfade_after_close_rejections_total',
    help: 'Accepted access tokens that would be rejected if the legacy audience were closed.',
    registers,
    collect() {
      this.reset();
      this.inc(meter.afterCloseRejections());
    },
  });

  new Counter({
    name: 'crossfade_valid_unauthorized_total',
    help: 'Access tokens judged valid and answered 401 by the API. Must stay 0.',
    labelNames: ['audience'],
    registers,
    collect() {
      this.reset();
      for (const audience of TIMED_CLASSES) this.inc({ audience }, meter.audience(audience).validUnauthorized);
    },
  });

  new Counter({
    name: 'crossfade_unavailable_total',
    help: 'Requests whose token could not be judged because keys could not be had; counted as invalid, without a reason.',
    registers,
    collect() {
      this.reset();
      this.inc(meter.unavailable());
    },
  });

  new Gauge({
    name: 'crossfade_last_seen_timestamp_seconds',
    help: 'When a token was last seen, 0 for never. Of legacy, target and bridge only valid tokens count.',
    labelNames: ['audience'],
    registers,
    collect() {
      for (const audience of AUDIENCE_CLASSES) this.set({ audience }, meter.audience(audience).lastSeenMs / 1000);
    },
  });

  new Gauge({
    name: 'crossfade_latest_issued_timestamp_seconds',
    help: 'The newest iat of an accepted token, 0 for none.',
    labelNames: ['audience'],
    registers,
    collect() {
      for (const audience of TIMED_CLASSES) this.set({ audience }, meter.audience(audience).latestIssuedSeconds);
    },
  });

  new Gauge({
    name: 'crossfade_latest_expiry_timestamp_seconds',
    help: 'The latest exp of an accepted token, 0 for none.',
    labelNames: ['audience'],
    registers,
    collect() {
      for (const audience of TIMED_CLASSES) this.set({ audience }, meter.audience(audience).latestExpirySeconds);
    },
  });
}
