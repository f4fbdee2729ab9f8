export type { ValidatorMetrics } from './prometheus/validator-metrics.ts';
export { createValidatorMetrics } from './prometheus/validator-metrics.ts';
export type { MetricsPlan, ValidatorMetricsOptions } from './prometheus/validator-metrics-options.ts';
