import { createPicture } from './chart.ts';
import type { DashboardState, HistoryShown, PointShown } from './dashboard-state.ts';
import { elementOf, make, put, renew } from './element.ts';
import { addHelp } from './help.ts';
import { describeMark, formatTime } from './labels.ts';
import { listenLive } from './live.ts';
import type { CurvePoint } from './share-curve.ts';
import { showMoment, showReach } from './show-moment.ts';
import { showState } from './show-state.ts';
import { showTables } from './show-tables.ts';

let history: HistoryShown | undefined;
let pointed: CurvePoint | undefined;
let state: DashboardState | undefined;
/** When the sidecar that was seen before was started, once another one answers. */
let restarted: string | undefined;
let isLost = false;

addHelp();
const picture = createPicture((point) => {
  pointed = point;
  if (history !== undefined) showMoment(history, pointed);
});

function showHistory(shown: HistoryShown): void {
  history = shown;
  picture.show(shown);
  showMoment(shown, pointed);
  showReach(shown);
}

function showMarks({ marks, points }: HistoryShown): void {
  const nowMs = points.at(-1)?.atMs ?? Date.now();
  const items = marks.map((mark, index) => {
    const time = make('time', '', formatTime(mark.atMs, nowMs));
    time.dateTime = new Date(mark.atMs).toISOString();
    return make('li', '', time, make('span', '', describeMark(mark, marks[index - 1])));
  });
  renew(elementOf('marks'), items.reverse());
}

function showConnection(): void {
  const live = elementOf('live');
  const notice = elementOf('notice');
  live.dataset['state'] = isLost ? 'bad' : 'good';
  notice.dataset['state'] = isLost ? 'bad' : 'good';
  if (isLost) {
    put('live-text', 'connection lost');
    const asOf =
      state === undefined ? 'No numbers yet' : `The numbers are as of ${formatTime(Date.parse(state.at), Date.now())}`;
    put('notice', `Connection lost. ${asOf}; trying again.`);
    return;
  }
  if (state === undefined) return;
  put('live-text', `live, ${formatTime(Date.parse(state.at), Date.parse(state.at))}`);
  const startedAt = formatTime(Date.parse(state.status.startedAt), Date.parse(state.at));
  if (!state.ready) put('notice', 'The sidecar is going out of service, and finishes what is in flight.');
  else
    put(
      'notice',
      restarted === undefined ? '' : `The sidecar was restarted at ${startedAt}: counts and history begin again there.`,
    );
}

function showLatest(shown: DashboardState): void {
  if (state !== undefined && state.status.startedAt !== shown.status.startedAt) restarted = state.status.startedAt;
  state = shown;
  showState(shown);
  showTables(shown);
}

listenLive({
  event(name, data) {
    isLost = false;
    if (name === 'history') {
      showHistory(data as HistoryShown);
      showMarks(data as HistoryShown);
    } else if (name === 'state') {
      showLatest(data as DashboardState);
    } else if (history !== undefined) {
      showHistory({ ...history, points: [...history.points, data as PointShown] });
    }
    showConnection();
  },
  lost() {
    isLost = true;
    showConnection();
  },
});
