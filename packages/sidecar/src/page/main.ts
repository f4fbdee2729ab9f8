import { createChart } from './chart.ts';
import type { DashboardState, HistoryShown, PointShown } from './dashboard-state.ts';
import { createElement, elementOf, setText, updateChildren } from './element.ts';
import type { FleetShown } from './fleet-state.ts';
import { addFolds } from './fold.ts';
import { addHelp } from './help.ts';
import { describeMark, formatTime } from './labels.ts';
import { listenLive } from './live.ts';
import type { CurvePoint } from './share-curve.ts';
import { showCensus } from './show-census.ts';
import { showFleet } from './show-fleet.ts';
import { showHistoryRange, showMoment } from './show-moment.ts';
import { showState } from './show-state.ts';
import { showTables } from './show-tables.ts';

let history: HistoryShown | undefined;
let pointed: CurvePoint | undefined;
let state: DashboardState | undefined;
let fleet: FleetShown | undefined;
/** Whether the sidecar has restarted since the page was opened. */
let hasRestarted = false;
let isLost = false;

addHelp();
addFolds();
const chart = createChart((point) => {
  pointed = point;
  if (history !== undefined) showMoment(history, pointed);
});

function showHistory(shown: HistoryShown): void {
  history = shown;
  chart.show(shown);
  showMoment(shown, pointed);
  showHistoryRange(shown);
}

function showMarks({ marks, points }: HistoryShown): void {
  const nowMs = points.at(-1)?.atMs ?? Date.now();
  const items = marks.map((mark, index) => {
    const time = createElement('time', '', formatTime(mark.atMs, nowMs));
    time.dateTime = new Date(mark.atMs).toISOString();
    return createElement('li', '', time, createElement('span', '', describeMark(mark, marks[index - 1])));
  });
  updateChildren(elementOf('marks'), items.reverse());
}

function showConnection(): void {
  const live = elementOf('live');
  const notice = elementOf('notice');
  live.dataset['state'] = isLost ? 'bad' : 'good';
  notice.dataset['state'] = isLost ? 'bad' : 'good';
  if (isLost) {
    setText('live-text', 'connection lost');
    const asOf =
      state === undefined ? 'No numbers yet' : `The numbers are as of ${formatTime(Date.parse(state.at), Date.now())}`;
    setText('notice', `Connection lost. ${asOf}; trying again.`);
    return;
  }
  if (state === undefined) return;
  setText('live-text', `live, ${formatTime(Date.parse(state.at), Date.parse(state.at))}`);
  const startedAt = formatTime(Date.parse(state.status.startedAt), Date.parse(state.at));
  setText('notice', noticeOf(state, startedAt));
}

function noticeOf({ ready, notReady = 'it is going out of service' }: DashboardState, startedAt: string): string {
  if (!ready) return `The sidecar is not ready: ${notReady}.`;
  return hasRestarted ? `The sidecar was restarted at ${startedAt}: counts and history begin again there.` : '';
}

function showLatest(shown: DashboardState): void {
  if (state !== undefined && state.status.startedAt !== shown.status.startedAt) hasRestarted = true;
  state = shown;
  showState(shown, history?.points ?? []);
  showTables(shown);
  showCensus(shown.census, Date.parse(shown.at));
  if (fleet !== undefined) showFleet(fleet, Date.parse(shown.at));
}

listenLive({
  onEvent(name, data) {
    isLost = false;
    if (name === 'history') {
      showHistory(data as HistoryShown);
      showMarks(data as HistoryShown);
    } else if (name === 'state') {
      showLatest(data as DashboardState);
    } else if (name === 'fleet') {
      fleet = data as FleetShown;
      showFleet(fleet, Date.parse(fleet.at));
    } else if (history !== undefined) {
      showHistory({ ...history, points: [...history.points, data as PointShown] });
    }
    showConnection();
  },
  onLost() {
    isLost = true;
    showConnection();
  },
});
