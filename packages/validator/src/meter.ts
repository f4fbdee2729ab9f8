/** Counts judgements and shows the counts: what the sidecar and `@crossfade/validator/prometheus` share. */

export { countApiResponse } from './meter/api-response.ts';
export type { DurationHistogram, Durations } from './meter/durations.ts';
export { createDurations } from './meter/durations.ts';
export type { SeenToken } from './meter/legacy-sighting.ts';
export { isLegacySeen, seenToken } from './meter/legacy-sighting.ts';
export type { AudienceCount, Meter, ShownResponse, TokenProof } from './meter/meter.ts';
export { createMeter } from './meter/meter.ts';
export type { LastScrape, ScrapeRecord } from './meter/scrape-record.ts';
export { createScrapeRecord } from './meter/scrape-record.ts';
export type { MissingKeys, SeenKeys } from './meter/seen-keys.ts';
export { createSeenKeys, enforcedAcceptance } from './meter/seen-keys.ts';
export type { MeterSeriesParts } from './prometheus/meter-series.ts';
export { meterSeries } from './prometheus/meter-series.ts';
export type { ConstantLabels, Sample, Series, SeriesRegistry } from './prometheus/series.ts';
export { registerSeries } from './prometheus/series.ts';
