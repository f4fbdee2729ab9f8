import type { RequestCounts } from '../fleet/step-counts.ts';

/** Fewer requests than these, before or after, say nothing about a rate. */
const LEAST_REQUESTS = 100;
/** A rise counts as one if chance alone explains it less often than this. */
const SIGNIFICANCE = 0.01;

/** Names the statistics, for reports. */
export const RATE_METHOD = 'exact one-sided test of two Poisson rates (conditional binomial), significant below 0.01';

/** What two windows of equal length say about the share of rejected requests. */
export type RateComparison =
  | { readonly verdict: 'too little traffic'; readonly p: null }
  | { readonly verdict: 'steady' | 'rose'; readonly p: number };

/**
 * Compares the rejection rates of two windows. If both have one rate, then of all rejections each falls into the second window
 * with the probability of that window's share of the requests: the chance of at least as many as were seen there is `p`.
 * @see Przyborowski and Wilenski (1940), the C-test
 */
export function compareRates(before: RequestCounts, after: RequestCounts): RateComparison {
  if (Math.min(before.requests, after.requests) < LEAST_REQUESTS) return { verdict: 'too little traffic', p: null };
  const share = after.requests / (before.requests + after.requests);
  const p = upperTail(before.rejected + after.rejected, after.rejected, share);
  return { verdict: p < SIGNIFICANCE ? 'rose' : 'steady', p };
}

/** The probability of at least `least` successes in `trials` with probability `share` each. */
function upperTail(trials: number, least: number, share: number): number {
  if (least === 0) return 1;
  const odds = share / (1 - share);
  let term = Math.exp(
    logFactorial(trials) -
      logFactorial(least) -
      logFactorial(trials - least) +
      least * Math.log(share) +
      (trials - least) * Math.log(1 - share),
  );
  let sum = term;
  for (let count = least; count < trials; count += 1) {
    const ratio = ((trials - count) / (count + 1)) * odds;
    term *= ratio;
    sum += term;
    // Past the mode the terms only fall.
    if (ratio < 1 && term < sum * 1e-9) break;
  }
  return Math.min(1, sum);
}

/** Stirling's series; its error is below 0.0006 at 1 and falls from there. */
function logFactorial(n: number): number {
  if (n < 2) return 0;
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3);
}
