import { SUMMARY_PATH } from './settings.ts';

export const summaryTrendStats = ['count', 'med', 'p(95)', 'p(99)', 'max'];

/** Writes what k6 counted, with each threshold; main.ts reads it. The option --summary-export leaves the thresholds out. */
export function handleSummary(data: object): Record<string, string> {
  return { [SUMMARY_PATH]: JSON.stringify(data, undefined, 2) };
}
