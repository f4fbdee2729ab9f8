import { type DrainVerdict, describeMoment, describeReasons, UnavailableError } from '@crossfade/core';
import { legacyLastSeenIn } from '../fleet/drain-evidence.ts';
import type { FleetSnapshot } from '../fleet/fleet.ts';
import { listBusiest } from '../fleet/list-sidecars.ts';
import { gatherStragglers, type StragglerList } from '../fleet/stragglers.ts';
import { printDrain } from '../output/decision-report.ts';
import type { ChangeTools } from './change.ts';

/** How many clients are named before the question; `crossfade stragglers` lists them all. */
const MAX_NAMED = 10;
/** Beyond it a detail that names many meters says no more. AppConfig's descriptions, which hold the record, take less. */
const MAX_EVIDENCE = 4000;

/** Shows what a close rests on: the checks of the gate with their numbers, and which clients it would turn away. */
export async function showCloseEvidence(
  { plan, invocation }: ChangeTools,
  drain: DrainVerdict,
  fleet: Pick<FleetSnapshot, 'drain'>,
): Promise<StragglerList | undefined> {
  const { report, now } = invocation;
  printDrain(report, drain, now());
  const lastMs = legacyLastSeenIn(fleet.drain);
  const last = lastMs === null ? 'none was seen' : `the last one was seen ${describeMoment(lastMs, now())}`;
  try {
    const { urls, all } = await listBusiest(plan, invocation);
    const list = await gatherStragglers(urls, invocation);
    const which = urls.length < all ? ', those that counted most: crossfade stragglers asks all' : '';
    const asked = `${urls.length - list.missing.length} of ${all} sidecars were asked${which}`;
    const count = list.stragglers.length;
    const clients = count === 1 ? '1 client' : `${count} clients`;
    report.field(
      'shadow close',
      `${clients} with tokens that a close turns away (${asked}); of legacy tokens, ${last}`,
    );
    for (const { clientId, reasons, accepted, rejected, lastSeenMs } of list.stragglers.slice(0, MAX_NAMED))
      report.field(
        '',
        `${clientId ?? '(tokens without a client id)'}: ${accepted + rejected} requests${Object.keys(reasons).length === 0 ? '' : ` (${describeReasons(reasons)})`}${lastSeenMs === null ? '' : `, last ${describeMoment(lastSeenMs, now())}`}`,
        'yellow',
      );
    if (count > MAX_NAMED) report.field('', `and ${count - MAX_NAMED} more: crossfade stragglers`, 'yellow');
    return list;
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    report.field('shadow close', `unknown, because the lists cannot be read: ${error.message}`, 'yellow');
    return undefined;
  }
}

/** Sums up a verdict for the record of a close, in printable ASCII. */
export function closeEvidence({ verdict, checks }: DrainVerdict): string {
  const details = checks.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
  return `gate ${verdict}: ${details}`.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_EVIDENCE);
}
