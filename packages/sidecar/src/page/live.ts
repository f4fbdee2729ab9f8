/** What the page is told while it is open. */
export interface LiveListener {
  event(name: 'history' | 'point' | 'state', data: unknown): void;
  /** Nothing has come for a while, or the connection broke. Told once, until it is back. */
  lost(): void;
}

const EVENTS = ['history', 'point', 'state'] as const;
/** The sidecar speaks every second. */
const SILENCE_MS = 5000;
const AGAIN_MS = 1000;

/** Listens to `/events` for as long as the page is open, and comes back by itself whenever it breaks. */
export function listenLive(listener: LiveListener): void {
  let silence: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    const source = new EventSource('events');
    const fail = () => {
      clearTimeout(silence);
      source.close();
      listener.lost();
      setTimeout(open, AGAIN_MS);
    };
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(fail, SILENCE_MS);
    };
    source.addEventListener('error', fail);
    for (const name of EVENTS) {
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        heard();
        listener.event(name, JSON.parse(data));
      });
    }
    heard();
  };
  open();
}
