import {
  type AcceptedSide,
  acceptedSide,
  commandedPhase,
  compareFlags,
  type EvidenceWindow,
  type FlagSnapshot,
  type HeldFlags,
  lastMoveMs,
  type Phase,
  type Side,
} from '@crossfade/core';
import {
  type FleetGroups,
  type FleetRequest,
  type InstantQuery,
  METRICS,
  type SideGroup,
} from '@crossfade/core/metrics';
import type { FleetShown } from '../page/fleet-state.ts';
import { faultShown } from './api-shown.ts';

/** What is shown of a fleet that is too large to read each instance of it. */
export type WholeFleet = Pick<FleetShown, 'responding' | 'known' | 'apart' | 'otherStore' | 'faults' | 'sums'> & {
  /** The flags that most hold. */
  readonly usual: HeldFlags | undefined;
};

/** Where a fleet stands, as one sidecar sees it. */
export interface FleetStand {
  readonly migration: string;
  readonly silenceMs: number;
  readonly snapshot: FlagSnapshot;
  readonly nowMs: number;
}

/** Returns how to group a fleet, so that what the page says of a group holds for each instance of it. */
export function groupRequest({ migration, silenceMs, snapshot, nowMs }: FleetStand): FleetRequest {
  const { document } = snapshot;
  const silentSinceMs = nowMs - silenceMs;
  const movedMs = lastMoveMs(document);
  const marks = movedMs !== null && movedMs > silentSinceMs ? [silentSinceMs, movedMs] : [silentSinceMs];
  return {
    migration,
    nowMs,
    marksMs: { legacy: marks, target: marks },
    refusedSinceMs: marks.at(-1) ?? silentSinceMs,
    isLegacyOpen: document.acceptance === 'both',
  };
}

/** Returns the query for how many instances there should be. Two servers that record the same count once, as in the rules. */
export function expectedInstances(migration: string): string {
  return `sum(max by (service, cluster) (crossfade:expected_instances:sum{migration="${migration}"}))`;
}

/** Returns the queries about a fleet as a whole: each has a handful of series, however large the fleet is. */
function wholeQueries(migration: string) {
  const of = (metric: { readonly name: string }, labels = '') => `${metric.name}{migration="${migration}"${labels}}`;
  const once = (promql: string, label: string) => `sum(max by (instance, ${label}) (${promql}))`;
  const requests = of(METRICS.requests, ',outcome="accepted",audience=~"legacy|target|bridge"');
  return {
    expected: expectedInstances(migration),
    recorded: `max by (audience) (crossfade:accepted:rate5m{migration="${migration}"})`,
    accepted: `sum by (audience) (rate(${requests}[5m]))`,
    unauthorized: once(of(METRICS.validUnauthorized), 'audience'),
    lastUnauthorized: `max(${of(METRICS.apiResponse, ',response="unauthorized"')})`,
    disagreements: once(of(METRICS.disagreements), 'reason'),
    lastDisagreement: `max(${of(METRICS.lastDisagreement)})`,
  };
}

/** Reads what is shown of a large fleet as a whole. */
export async function readWholeFleet(
  query: InstantQuery,
  groups: FleetGroups,
  gone: number,
  stand: FleetStand,
): Promise<{ readonly whole: WholeFleet; readonly expected: number | null }> {
  const { accepted: raw, recorded, ...queries } = wholeQueries(stand.migration);
  const firstOf = async (promql: string) => (await query(promql))[0]?.value ?? null;
  const mixOf = async () => {
    const mix = await query(recorded);
    return mix.length > 0 ? mix : query(raw);
  };
  const [mix, expected, unauthorized, lastUnauthorized, disagreements, lastDisagreement] = await Promise.all([
    mixOf(),
    ...[queries.expected, queries.unauthorized, queries.lastUnauthorized].map(firstOf),
    ...[queries.disagreements, queries.lastDisagreement].map(firstOf),
  ]);
  const rate = (audience: string) => mix.find(({ labels }) => labels['audience'] === audience)?.value ?? 0;
  const usual = groups.flags.toSorted((one, other) => other.count - one.count)[0];
  const countOf = (comparison: string) =>
    sum(groups.flags.filter((held) => usual !== undefined && compareFlags(held, usual) === comparison));
  const otherStore = countOf('other_store');
  return {
    expected: expected ?? null,
    whole: {
      usual,
      responding: groups.count,
      known: groups.count + gone,
      apart: otherStore + countOf('other_document'),
      otherStore,
      faults: faultsOf(groups, usual, stand),
      sums: {
        mix: { legacy: rate('legacy'), target: rate('target'), bridge: rate('bridge') },
        validUnauthorized: unauthorized ?? 0,
        lastUnauthorizedAt: instantOf(lastUnauthorized),
        disagreements: disagreements ?? 0,
        lastDisagreementAt: instantOf(lastDisagreement),
      },
    },
  };
}

/** Each side is grouped by itself: where instances have the fault on both, the side with more of them counts. */
function faultsOf(groups: FleetGroups, usual: HeldFlags | undefined, stand: FleetStand): FleetShown['faults'] {
  const { snapshot, silenceMs, nowMs } = stand;
  const isHeld = usual !== undefined && usual.hash !== null && usual.hash === snapshot.hash;
  const document = isHeld ? snapshot.document : undefined;
  const window = { movedMs: document === undefined ? null : lastMoveMs(document), silenceMs, nowMs };
  const legacyOpen = groups.sides.legacy.filter(({ commanded }) => commanded === true);
  const legacyClosed = groups.sides.legacy.filter(({ commanded }) => commanded === false);
  const shows = sum(legacyOpen) + sum(legacyClosed) > 0;
  const acceptance = document?.acceptance ?? (shows ? (sum(legacyOpen) > 0 ? 'both' : 'target') : undefined);
  const faultOf = (side: Side, group: SideGroup) => {
    if (acceptance === undefined || usual === undefined || usual.percent === null) return null;
    const phase: Phase = commandedPhase(
      acceptance,
      { percent: usual.percent },
      isPrepared(groups.sides.target, window),
    );
    const shown = { legacy: null, target: null, [side]: KNOWN[acceptedSide(group, group.commanded, window)] };
    return faultShown({ shown, phase });
  };
  const having = (fault: string) =>
    Math.max(
      ...(['legacy', 'target'] as const).map((side) =>
        sum(groups.sides[side].filter((group) => faultOf(side, group) === fault)),
      ),
    );
  return { refuses_valid_tokens: having('refuses_valid_tokens'), takes_closed_legacy: having('takes_closed_legacy') };
}

function isPrepared(target: readonly SideGroup[], window: EvidenceWindow): boolean {
  return target.some((group) => acceptedSide(group, group.commanded, { ...window, movedMs: null }) === 'accepted');
}

const KNOWN: Readonly<Record<AcceptedSide, boolean | null>> = { accepted: true, refused: false, unknown: null };

function instantOf(seconds: number | null | undefined): string | null {
  return seconds ? new Date(seconds * 1000).toISOString() : null;
}

function sum(groups: readonly { readonly count: number }[]): number {
  return groups.reduce((total, { count }) => total + count, 0);
}
