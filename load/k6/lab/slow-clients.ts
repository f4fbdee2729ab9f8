import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What slow requests got. k6 sends whole requests only, so they come from here. */
export interface SlowClients {
  readonly sent: number;
  /** By status; `none`: no response until the end. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Responses of 2xx. */
  readonly admitted: number;
}

const CONNECTIONS = 40;
const OCTET_EVERY_MS = 200;
const KINDS = [
  // A body of 100 kB, an octet at a time, without a token and with a garbage one.
  'POST /orders HTTP/1.1\r\nhost: orders\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n',
  'POST /orders HTTP/1.1\r\nhost: orders\r\nauthorization: Bearer a.b.c\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n',
  'POST /orders HTTP/1.1\r\nhost: orders\r\nauthorization: Bearer a.b.c\r\ntransfer-encoding: chunked\r\n\r\n5\r\n',
  // Headers that never end.
  'GET /orders HTTP/1.1\r\nhost: orders\r\nx-slow: ',
] as const;

/** Keeps slow requests open for a time, and tells what they got. */
export async function sendSlowRequests(apis: readonly string[], forMs: number): Promise<SlowClients> {
  const results = await Promise.all(
    Array.from({ length: CONNECTIONS }, (_, index) =>
      slowRequest(apis[index % apis.length] ?? '', KINDS[index % KINDS.length] ?? '', forMs),
    ),
  );
  const statuses: Record<string, number> = {};
  for (const status of results) statuses[status] = (statuses[status] ?? 0) + 1;
  return { sent: results.length, statuses, admitted: results.filter((status) => status.startsWith('2')).length };
}

/** @returns the status of the first response, or `none`. */
async function slowRequest(api: string, start: string, forMs: number): Promise<string> {
  const { hostname, port } = new URL(api);
  const socket = connect(Number(port), hostname);
  let received = '';
  let isOpen = true;
  socket.on('data', (octets) => {
    if (received.length < 100) received += octets.toString('latin1');
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    isOpen = false;
  });
  socket.write(start);
  const deadline = performance.now() + forMs;
  while (isOpen && performance.now() < deadline) {
    await delay(OCTET_EVERY_MS);
    if (isOpen) socket.write('x');
  }
  socket.destroy();
  return /^HTTP\/1\.1 (\d{3})/.exec(received)?.[1] ?? 'none';
}
