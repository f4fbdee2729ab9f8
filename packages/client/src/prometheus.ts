export { type ClientMetrics, type ClientMetricsOptions, createClientMetrics } from './events/client-metrics.ts';
