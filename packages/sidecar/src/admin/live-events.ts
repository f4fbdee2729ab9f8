import type { ServerResponse } from 'node:http';
import type { Dashboard } from './dashboard.ts';

/** Server-sent events for the page at `/`: `history` and `state` at first, then a `state` every second. */
export interface LiveEvents {
  /** Begins to note the history, whether somebody looks or not. Holds no process alive. */
  start(): void;
  /** Begins to stream, and does so until either side ends it. Returns `false`, and does nothing, when there are too many. */
  join(response: ServerResponse): boolean;
  /** Ends every stream, and the history. */
  close(): void;
}

const EVERY_MS = 1000;
const MAX_VIEWERS = 16;
/** Who lets this much pile up does not read: it is let go, and may come back. */
const MAX_UNREAD_BYTES = 1_048_576;

export function createLiveEvents(dashboard: Dashboard): LiveEvents {
  const viewers = new Set<ServerResponse>();
  const tick = () => {
    const changed = dashboard.note();
    if (viewers.size === 0) return;
    const events = [event('state', dashboard.state())];
    if (changed === 'point') events.unshift(event('point', dashboard.history().points.at(-1)));
    if (changed === 'all') events.unshift(event('history', dashboard.history()));
    const text = events.join('');
    for (const viewer of viewers) send(viewer, text);
  };
  let timer: NodeJS.Timeout | undefined;

  return {
    start() {
      dashboard.note();
      timer ??= setInterval(tick, EVERY_MS).unref();
    },
    join(response) {
      if (viewers.size >= MAX_VIEWERS) return false;
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        // Or nginx would hold events back.
        'x-accel-buffering': 'no',
      });
      viewers.add(response);
      response.once('close', () => viewers.delete(response));
      send(response, `retry: 1000\n${event('history', dashboard.history())}${event('state', dashboard.state())}`);
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
