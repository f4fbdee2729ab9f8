import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { spawnSidecar } from './fixture/child.ts';
import { startIssuer } from './fixture/issuer.ts';
import { listenOnLoopback } from './fixture/listening.ts';

/** `CROSSFADE_STREAMED_MB=2048` for the full run. */
const MEGABYTES = Number(process.env['CROSSFADE_STREAMED_MB'] ?? 256);
/** Buffers and uncollected garbage: 40 to 110 MB were measured for any amount of traffic. */
const MAX_GROWTH_MEGABYTES = 160;
const BYTES = MEGABYTES * 1_048_576;
const CHUNK = Buffer.alloc(65_536, 'x');
const STREAMS = 4;

function pour(into: Writable, bytes: number): void {
  let left = bytes;
  const more = () => {
    while (left > 0) {
      left -= CHUNK.length;
      if (!into.write(CHUNK)) return into.once('drain', more);
    }
    return into.end();
  };
  more();
}

/** The resident memory of a process, in MB. */
async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}

test('keeps its memory bounded while it streams long bodies up and down, several at once', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'memory-'));
  const issuer = await startIssuer();
  const api = createServer((request, response) => {
    let received = 0;
    request.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    request.on('end', () => {
      response.writeHead(200, { 'x-received': received });
      pour(response, BYTES / STREAMS);
    });
  });
  const upstream = await listenOnLoopback(api);
  const sidecar = await spawnSidecar(directory, issuer.url, { upstream: upstream.url });
  const exchange = async () => {
    const request = httpRequest(sidecar.dataUrl, { method: 'POST' });
    pour(request, BYTES / STREAMS);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let sent = 0;
    for await (const chunk of response) sent += (chunk as Buffer).length;
    return { received: Number(response.headers['x-received']), sent };
  };
  try {
    const before = await residentMegabytes(sidecar.pid);
    let peak = before;
    const watching = setInterval(async () => {
      peak = Math.max(peak, await residentMegabytes(sidecar.pid));
    }, 50);
    const sums = await Promise.all(Array.from({ length: STREAMS }, exchange));
    clearInterval(watching);
    const sum = (key: 'received' | 'sent') => sums.reduce((total, each) => total + each[key], 0);
    expect({ up: sum('received'), down: sum('sent') }).toEqual({ up: BYTES, down: BYTES });
    expect(peak - before).toBeLessThan(MAX_GROWTH_MEGABYTES);
    const [from, to] = [before, peak].map(Math.round);
    process.stdout.write(`${MEGABYTES} MB up and down: resident ${from} MB before, at most ${to} MB\n`);
  } finally {
    sidecar.kill('SIGKILL');
    await Promise.all([issuer.close(), upstream.close(), rm(directory, { recursive: true })]);
  }
}, 600_000);
