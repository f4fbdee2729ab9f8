/** Receives the events of `/events`. */
export interface LiveListener {
  onEvent(name: 'history' | 'point' | 'state' | 'fleet', data: unknown): void;
  /** Called once when events stop or the connection breaks, until it is back. */
  onLost(): void;
}

const EVENTS = ['history', 'point', 'state', 'fleet'] as const;
/** The sidecar sends an event every second. */
const SILENCE_MS = 5000;
const RETRY_MS = 1000;

/** Listens to `/events` while the page is open, and reconnects whenever the connection breaks. */
export function listenLive(listener: LiveListener): void {
  let silence: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    const source = new EventSource('events');
    const fail = () => {
      clearTimeout(silence);
      source.close();
      listener.onLost();
      setTimeout(open, RETRY_MS);
    };
    const restartTimer = () => {
      clearTimeout(silence);
      silence = setTimeout(fail, SILENCE_MS);
    };
    source.addEventListener('error', fail);
    for (const name of EVENTS) {
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        restartTimer();
        listener.onEvent(name, JSON.parse(data));
      });
    }
    restartTimer();
  };
  open();
}
