import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { spawnSidecar } from './fixture/child.ts';
import { sendRequest } from './fixture/http.ts';
import { type Issuer, startIssuer } from './fixture/issuer.ts';
import { startUpstream, type Upstream } from './fixture/upstream.ts';

const CLIENTS = 3_000;
/** Below the limit of one header section. */
const HEAD = Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\nX-Unfinished: ${'x'.repeat(58_000)}`);
/** The limit for all of them, what their connections take, and what the heap takes to receive 174 MB. */
const GROWTH_BYTES = 130_000_000;

let directory: string;
let issuer: Issuer;
let upstream: Upstream;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'unfinished-'));
  [issuer, upstream] = await Promise.all([startIssuer(), startUpstream()]);
});
afterAll(async () => {
  await Promise.all([issuer.close(), upstream.close(), rm(directory, { recursive: true })]);
});

async function residentBytes(pid: number): Promise<number> {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1_024;
}

test.each([true, false])(
  'with fastPath: %s, thousands of header sections that never end take little memory, and others are served',
  async (fastPath) => {
    const sidecar = await spawnSidecar(directory, issuer.url, { upstream: upstream.url, fastPath });
    const agent = new Agent({ keepAlive: true });
    const sockets: Socket[] = [];
    try {
      for (let count = 0; count < 200; count += 1) await sendRequest(sidecar.dataUrl, { agent });
      const before = await residentBytes(sidecar.pid);
      let [highest, refused] = [before, 0];
      for (let count = 0; count < CLIENTS; count += 1) {
        const socket = connect(Number(new URL(sidecar.dataUrl).port), '127.0.0.1').on('error', () => {});
        sockets.push(socket);
        socket.once('data', (text) => {
          if (String(text).startsWith('HTTP/1.1 408 ')) refused += 1;
        });
        await once(socket, 'connect');
        socket.write(HEAD);
        if (count % 50 > 0) continue;
        highest = Math.max(highest, await residentBytes(sidecar.pid));
        // A new connection, and one that is kept: neither is taken for the one to give up.
        expect((await sendRequest(sidecar.dataUrl)).status).toBe(200);
        expect((await sendRequest(sidecar.dataUrl, { agent, method: 'POST', body: 'order' })).status).toBe(200);
      }
      highest = Math.max(highest, await residentBytes(sidecar.pid));
      expect(highest - before).toBeLessThan(GROWTH_BYTES);
      expect(refused).toBeGreaterThan(CLIENTS / 2);
      const megabytes = (bytes: number) => Math.round(bytes / 1e6);
      process.stdout.write(
        `${CLIENTS} unfinished header sections, fastPath: ${fastPath}: resident ${megabytes(before)} MB before, at most ${megabytes(highest)} MB\n`,
      );
    } finally {
      for (const socket of sockets) socket.destroy();
      agent.destroy();
      sidecar.kill('SIGTERM');
      await sidecar.finalStatus();
    }
  },
  120_000,
);
