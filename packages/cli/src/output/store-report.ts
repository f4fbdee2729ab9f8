import { describeMoment, formatInstant } from '@crossfade/core';
import type { StoreView } from '../flag-store/store-view.ts';
import { flagsApart } from '../fleet/flags-held.ts';
import type { FleetSnapshot } from '../fleet/fleet.ts';
import type { StoreStatusJson } from '../json/status-json.ts';
import type { Report } from '../verb/report.ts';
import { describeRecordedMove, moveJson } from './move-report.ts';

/** Prints what is going on in the store, the last move, and which meters hold other flags. */
export function printStore(report: Report, store: StoreView, snapshot: FleetSnapshot, nowMs: number): void {
  printDeployments(report, store);
  report.field('last move', describeLastMove(store, nowMs) ?? 'none is recorded');
  for (const { meter, why } of apartFrom(store, snapshot) ?? []) report.field('apart', `${meter}: ${why}`, 'yellow');
}

/** The same as {@link printStore}, for one of several plans: nothing where there is nothing to tell. */
export function printStoreBriefly(report: Report, store: StoreView, snapshot: FleetSnapshot, nowMs: number): void {
  printDeployments(report, store);
  const moved = describeLastMove(store, nowMs);
  if (moved !== undefined) report.field('last move', moved);
  const apart = apartFrom(store, snapshot) ?? [];
  if (apart.length === 0) return;
  const meters = apart.map(({ meter }) => meter).join(', ');
  report.field('apart', `${meters}: not the flags of the store; why: crossfade status of this plan`, 'yellow');
}

/** Returns what is going on in the store as `--json` prints it; what is not known is `null`. */
export function storeJson(store: StoreView, snapshot: FleetSnapshot): StoreStatusJson {
  const { running, lastMove, position } = store;
  return {
    store: { source: position?.stored.source ?? null, hash: position?.stored.hash ?? null },
    deployments: running?.map(({ name, startedAtMs }) => ({ name, startedAt: formatInstant(startedAtMs) })) ?? null,
    lastMove: lastMove && moveJson(lastMove),
    apart: apartFrom(store, snapshot),
  };
}

function printDeployments(report: Report, { running }: StoreView): void {
  if (running === null) report.field('deployment', 'unknown whether one is in progress');
  for (const { name } of running ?? []) report.field('deployment', `in progress: ${name}`, 'yellow');
}

function describeLastMove({ lastMove }: StoreView, nowMs: number): string | undefined {
  return lastMove === null ? undefined : `${describeMoment(lastMove.atMs, nowMs)}: ${describeRecordedMove(lastMove)}`;
}

function apartFrom({ position }: StoreView, snapshot: FleetSnapshot): ReturnType<typeof flagsApart> | null {
  return position === undefined ? null : flagsApart(snapshot, position);
}
