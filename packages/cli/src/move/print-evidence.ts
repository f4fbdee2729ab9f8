import { type FleetEvidence, formatDuration } from '@crossfade/core';
import type { RequestCounts, StepEvidence } from '../fleet/step-counts.ts';
import type { AdvanceEvidenceJson } from '../json/moves-json.ts';
import type { Report } from '../verb/report.ts';
import { compareRates, RATE_METHOD } from './rate-comparison.ts';

/** Prints on what evidence an advance goes on. Returns it as `--json` prints it. */
export function printEvidence(
  report: Report,
  { expected, responding, acceptingTarget, flagsApart = [] }: FleetEvidence,
  step: StepEvidence,
): AdvanceEvidenceJson {
  const instances = { expected, responding, acceptingTarget, holdingFlags: responding - flagsApart.length };
  report.field(
    'instances',
    `${responding} of ${expected ?? 'an unknown number'} respond, ${acceptingTarget} accept target, ${instances.holdingFlags} hold the flags of the store`,
  );
  if (step.kind === 'none') {
    report.field('last step', 'none, because every login asks for legacy: there is nothing to compare');
    return { instances, step: null };
  }
  if (step.kind === 'unknown') {
    report.field('last step', `what came of it is unknown: ${step.why}`, 'yellow');
    return { instances, step: null };
  }
  const { validUnauthorized, disagreements } = step;
  const since = step.kind === 'compared' ? 'since the last step' : 'since the sidecars started';
  report.field('401s', `${validUnauthorized} valid tokens refused by the API ${since}`);
  report.field('disagreed', `${disagreements} tokens that the plan refuses and the API took ${since}`);
  return { instances, step: { validUnauthorized, disagreements, rejections: printRejections(report, step) } };
}

function printRejections(
  report: Report,
  step: Extract<StepEvidence, { readonly kind: 'counted' | 'compared' }>,
): NonNullable<AdvanceEvidenceJson['step']>['rejections'] {
  if (step.kind === 'counted') {
    const { requests, rejected } = step;
    report.field(
      'rejected',
      `${describeShare(step)} since the sidecars started; sidecars do not tell before and after a step apart, Prometheus does`,
    );
    return { requests, rejected };
  }
  const { before, after, windowMs } = step;
  const { verdict, p } = compareRates(before, after);
  const window = formatDuration(windowMs);
  const conclusion =
    verdict === 'too little traffic'
      ? 'too little traffic to compare'
      : `${verdict === 'rose' ? 'a significant rise' : 'no significant rise'}, p = ${p < 0.0001 ? '<0.0001' : p.toPrecision(2)}`;
  report.field(
    'rejected',
    `${describeShare(after)} in ${window} after the last step, ${describeShare(before)} before: ${conclusion}`,
    verdict === 'rose' ? 'yellow' : 'dim',
  );
  if (verdict !== 'too little traffic') report.field('', RATE_METHOD);
  if (verdict === 'rose') report.field('read on', 'crossfade runbook rejections-rising', 'yellow');
  return { method: RATE_METHOD, windowSeconds: Math.round(windowMs / 1000), before, after, verdict, p };
}

function describeShare({ requests, rejected }: RequestCounts): string {
  if (requests === 0) return '0 of 0 requests';
  return `${rejected} of ${requests} requests (${((100 * rejected) / requests).toFixed(2)}%)`;
}
