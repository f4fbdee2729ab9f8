import type { ServerResponse } from 'node:http';
import type { FleetView } from '../fleet/fleet-view.ts';
import type { Dashboard } from './dashboard.ts';

/** Server-sent events for the page at `/`: first `history` and `state`, then a `state` every second, and each new `fleet`. */
export interface LiveEvents {
  /** Begins to note the history, with or without viewers. Its timer does not keep the process alive. */
  start(): void;
  /** Streams events until either side ends it. Returns `false`, and does nothing, when there are too many viewers. */
  addViewer(response: ServerResponse): boolean;
  /** Ends all streams and stops noting the history. */
  close(): void;
}

const EVERY_MS = 1000;
const MAX_VIEWERS = 16;
/** A viewer with this much unread does not read: its connection is closed, and its browser may reconnect. */
const MAX_UNREAD_BYTES = 1_048_576;

export function createLiveEvents(dashboard: Dashboard, fleet: Omit<FleetView, 'close'>): LiveEvents {
  const viewers = new Set<ServerResponse>();
  let sent = fleet.latest();
  const tick = () => {
    const changed = dashboard.note();
    if (viewers.size === 0) return;
    fleet.refresh();
    const events = [event('state', dashboard.state())];
    if (changed === 'point') events.unshift(event('point', dashboard.history().points.at(-1)));
    if (changed === 'all') events.unshift(event('history', dashboard.history()));
    const read = fleet.latest();
    if (read !== sent) events.push(event('fleet', read));
    sent = read;
    const text = events.join('');
    for (const viewer of viewers) send(viewer, text);
  };
  let timer: NodeJS.Timeout | undefined;

  return {
    start() {
      dashboard.note();
      timer ??= setInterval(tick, EVERY_MS).unref();
    },
    addViewer(response) {
      if (viewers.size >= MAX_VIEWERS) return false;
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        // Keeps nginx from buffering events.
        'x-accel-buffering': 'no',
      });
      viewers.add(response);
      response.once('close', () => viewers.delete(response));
      send(response, `retry: 1000\n${event('history', dashboard.history())}${event('state', dashboard.state())}`);
      if (sent !== undefined) send(response, event('fleet', sent));
      return true;
    },
    close() {
      clearInterval(timer);
      for (const viewer of viewers) viewer.end();
    },
  };
}

function send(viewer: ServerResponse, text: string): void {
  if (viewer.writableLength > MAX_UNREAD_BYTES) viewer.destroy();
  else viewer.write(text);
}

function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
