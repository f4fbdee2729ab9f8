import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, it, type OnTestFinishedHandler } from 'vitest';

const PROCESS = fileURLToPath(new URL('../fixture/flags-process.mjs', import.meta.url));
const INTERVAL_MS = 6000;
const PAUSE_MS = INTERVAL_MS + 2000;
const LOCATION = { application: 'orders', environment: 'prod', profile: 'crossfade' };

type OnEnd = (handler: OnTestFinishedHandler) => void;
type Kind = 'agent' | 'appconfig' | 'remote';

/** What an Agent, AppConfig's data plane or a backend responds with; silent on demand. */
async function startStore(kind: Kind, onEnd: OnEnd) {
  const state = { percent: 25, requests: 0, isSilent: false };
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    state.requests += 1;
    if (!state.isSilent) respond(kind, state.percent, request, response);
  });
  server.keepAliveTimeout = 120_000;
  server.on('connection', (socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return { state, sockets, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function respond(kind: Kind, percent: number, { url }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('content-type', 'application/json');
  if (url?.startsWith('/configurationsessions') === true) {
    response.writeHead(201).end('{"InitialConfigurationToken":"first"}');
    return;
  }
  response.setHeader('next-poll-configuration-token', 'next');
  response.setHeader('next-poll-interval-in-seconds', String(INTERVAL_MS / 1000));
  const flags = { 'issue-target': { enabled: true, percent } };
  const issuance = { enabled: true, percent, revision: String(percent), stale: false };
  response.end(JSON.stringify(kind === 'remote' ? issuance : flags));
}

function settingsOf(kind: Kind, url: string): object {
  if (kind === 'remote') return { url, intervalMs: INTERVAL_MS };
  return { ...LOCATION, [kind === 'agent' ? 'url' : 'endpoint']: url, pollIntervalMs: INTERVAL_MS };
}

/** A process that follows the flags, and the percentages that it has told. */
function startReader(kind: Kind, url: string, onEnd: OnEnd) {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--no-warnings', PROCESS, kind, JSON.stringify(settingsOf(kind, url))],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  onEnd(() => void child.kill('SIGKILL'));
  const percents: number[] = [];
  if (child.stdout !== null)
    createInterface({ input: child.stdout }).on('line', (line) => percents.push(JSON.parse(line).percent));
  return { child, percents };
}

describe.concurrent('a process that was paused', () => {
  it.for([
    ['agent', 'between polls', 'closed'],
    ['agent', 'during a poll', 'silent'],
    ['appconfig', 'between polls', 'closed'],
    ['appconfig', 'during a poll', 'silent'],
    ['remote', 'between polls', 'closed'],
    ['remote', 'during a poll', 'silent'],
  ] as const)(
    'reads its flags when it wakes: %s, %s, with connections that are %s',
    { timeout: 60_000 },
    async ([kind, moment, connections], { expect, onTestFinished }) => {
      const { state, sockets, url } = await startStore(kind, onTestFinished);
      const { child, percents } = startReader(kind, url, onTestFinished);
      await expect.poll(() => percents, { timeout: 20_000 }).toContain(25);
      if (moment === 'during a poll') {
        state.isSilent = true;
        const before = state.requests;
        await expect.poll(() => state.requests, { timeout: 20_000, interval: 10 }).toBeGreaterThan(before);
      }
      child.kill('SIGSTOP');
      state.percent = 75;
      // The pause itself: longer than the interval and every timeout.
      await delay(PAUSE_MS);
      state.isSilent = false;
      for (const socket of sockets) {
        if (connections === 'closed') socket.destroy();
        else socket.pause().removeAllListeners('data');
      }
      const wokeMs = performance.now();
      child.kill('SIGCONT');
      await expect.poll(() => percents.at(-1), { timeout: 20_000, interval: 10 }).toBe(75);
      expect(performance.now() - wokeMs).toBeLessThan(INTERVAL_MS - 1000);
    },
  );
});
