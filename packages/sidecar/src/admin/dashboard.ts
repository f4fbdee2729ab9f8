import {
  formatInstant,
  type ObservationPlan,
  RUNBOOK_OF_PHASE,
  type SidecarPlan,
  type SidePlan,
} from '@crossfade/core';
import type { Census, SidecarStatus } from '@crossfade/core/status';
import { createHistory, type HistorySnapshot, type Reading } from '../meter/history.ts';
import type { DashboardState } from '../page/dashboard-state.ts';
import type { Readiness } from '../process/sidecar.ts';
import { readDisagreements, readRejections } from './disagreements-shown.ts';
import { readDrainOutlook } from './drain-outlook.ts';
import { readPosition } from './position-shown.ts';
import type { ListParts } from './read-routes.ts';

export interface DashboardParts extends ListParts {
  readonly plan: ObservationPlan;
  readonly settings: Pick<SidecarPlan, 'mode' | 'judge'>;
  readonly readiness: () => Readiness;
  readonly now: () => number;
}

/** Everything that the page at `/` shows. */
export interface Dashboard {
  state(): DashboardState;
  history(): HistorySnapshot;
  /** Notes the current counts in the history; call it about every second. Returns what changed in the history. */
  note(): ReturnType<ReturnType<typeof createHistory>['note']>;
}

/** Keeps each second's event small; `/stragglers` has them all. */
const STRAGGLERS_SHOWN = 50;
/** `/census` has them all. */
const CENSUS_ROWS_SHOWN = 20;

export function createDashboard({
  plan,
  settings,
  status,
  stragglers,
  census,
  readiness,
  now,
}: DashboardParts): Dashboard {
  const history = createHistory(now);
  const fixed = {
    mode: settings.mode,
    enforces: settings.mode === 'forward-auth' || settings.judge === 'enforce',
    names: { legacy: nameOf(plan.legacy), target: nameOf(plan.target) },
    flagSource: plan.flags.source,
  };
  return {
    state() {
      const nowMs = now();
      const current = status();
      const { clients, truncated } = stragglers();
      const drain = readDrainOutlook(current, plan, nowMs);
      return {
        ...fixed,
        at: formatInstant(nowMs),
        ...readinessShown(readiness()),
        status: current,
        position: readPosition(current, fixed.enforces),
        runbook: RUNBOOK_OF_PHASE[current.phase],
        drain,
        disagreements: readDisagreements(current, drain),
        rejections: readRejections(current),
        ...(census !== undefined && { census: censusShown(census()) }),
        stragglers: { clients: clients.slice(0, STRAGGLERS_SHOWN), known: clients.length, truncated },
      };
    },
    history: () => history.snapshot(),
    note() {
      const { audiences, validUnauthorized, phase, issuance, acceptance } = status();
      return history.note(readingOf(audiences, validUnauthorized), { phase, percent: issuance.percent, acceptance });
    },
  };
}

function readinessShown({ ready, reason }: Readiness): Pick<DashboardState, 'ready' | 'notReady'> {
  return { ready, ...(reason !== undefined && { notReady: reason }) };
}

function readingOf(audiences: SidecarStatus['audiences'], unauthorized: number): Reading {
  return {
    legacy: audiences.legacy.accepted,
    target: audiences.target.accepted,
    bridge: audiences.bridge.accepted,
    rejected: Object.values(audiences).reduce((sum, { rejected }) => sum + rejected, 0),
    unauthorized,
  };
}

function nameOf(side: Pick<SidePlan, 'audience' | 'clientIds'> | undefined): string {
  if (side === undefined) return 'not in the plan yet';
  return side.audience ?? side.clientIds?.join(', ') ?? '';
}

function censusShown({ rows, truncated }: Census): Census {
  return { rows: rows.slice(0, CENSUS_ROWS_SHOWN), truncated: truncated || rows.length > CENSUS_ROWS_SHOWN };
}
