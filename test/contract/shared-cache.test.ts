import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlagSnapshot } from '@crossfade/core';
import { createAgentSource } from '@crossfade/flags/agent';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';

const BUILT_AGENT_SOURCE = new URL('../../packages/flags/dist/agent.js', import.meta.url).href;
/** A process with an Agent source that reports each revision it acts on to its parent, and exits with it. */
const PROGRAM = `
import { createAgentSource } from ${JSON.stringify(BUILT_AGENT_SOURCE)};
const [url, profile, cacheDirectory] = process.argv.slice(2);
const location = { application: 'orders', environment: 'prod', profile, url };
const flags = createAgentSource({ ...location, cacheDirectory, pollIntervalMs: 5, timeoutMs: 60_000 });
flags.subscribe(({ revision }) => process.send(revision));
process.on('disconnect', () => process.exit());
`;
const LOCATION = { application: 'orders', environment: 'prod', profile: 'crossfade' };
const documentAt = (revision: number, percent = 50) =>
  JSON.stringify({ 'issue-target': { enabled: true, percent, revision }, 'accept-legacy': { enabled: false } });

interface Neighbour {
  readonly process: ChildProcess;
  /** The revisions it has acted on, in order. */
  readonly revisions: number[];
}

let cacheDirectory: string;
let program: string;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-shared-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  cacheDirectory = join(folder, 'cache');
  program = join(folder, 'neighbour.mjs');
  await writeFile(program, PROGRAM);
});

/** Starts an Agent that can go down for good. */
async function serve(listener: RequestListener): Promise<{ readonly url: string; goDown(): void }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const goDown = () => {
    server.close();
    server.closeAllConnections();
  };
  onTestFinished(goDown);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, goDown };
}

function startNeighbour(url: string, profile = LOCATION.profile): Neighbour {
  const child = fork(program, [url, profile, cacheDirectory], { execArgv: [], stdio: 'inherit' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const revisions: number[] = [];
  child.on('message', (revision) => revisions.push(Number(revision)));
  return { process: child, revisions };
}

async function kill({ process: child }: Neighbour): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Returns the snapshot of a process that starts while the store is down and has only the cache. */
async function restartOffline(url: string, profile = LOCATION.profile): Promise<FlagSnapshot> {
  const source = createAgentSource({ ...LOCATION, profile, url, cacheDirectory });
  await source.firstPoll;
  source.close();
  return source.snapshot();
}

it.each([4, 16])(
  'keeps a whole document when two processes that share the cache are killed after %i changes',
  async (changes) => {
    let revision = 0;
    const { url, goDown } = await serve((_request, response) => {
      revision += 1;
      response.end(documentAt(revision));
    });
    const neighbours = [startNeighbour(url), startNeighbour(url)];
    await until(() => neighbours.every(({ revisions }) => revisions.length >= changes));
    await Promise.all(neighbours.map(kill));
    goDown();
    const { document, revision: cached, problem } = await restartOffline(url);
    expect(problem).toMatch(/; the flags come from the disk cache$/);
    expect(document).toMatchObject({ acceptance: 'target', issuance: { percent: 50 } });
    // A document is on disk before its process acts on it; only the other process's may have replaced it.
    expect(Number(cached)).toBeGreaterThanOrEqual(
      Math.min(...neighbours.map(({ revisions }) => revisions.at(-1) ?? 0)),
    );
  },
);

it('keeps the newer document when the process with the older one writes last', async () => {
  const held: ServerResponse[] = [];
  let isOver = false;
  const { url, goDown } = await serve((request, response) => {
    if (isOver) request.socket.destroy();
    else if (held.length === 0) held.push(response);
    else response.end(documentAt(8, 75));
  });
  const slow = startNeighbour(url);
  await until(() => held.length === 1);
  const quick = startNeighbour(url);
  await until(() => quick.revisions.includes(8));
  await kill(quick);
  isOver = true;
  held[0]?.end(documentAt(7, 25));
  await until(() => slow.revisions.includes(7));
  await kill(slow);
  goDown();
  const { document, revision } = await restartOffline(url);
  expect({ percent: document.issuance.percent, revision }).toEqual({ percent: 75, revision: '8' });
});

it('keeps profiles that share a directory apart', async () => {
  const { url, goDown } = await serve(({ url: path = '' }, response) => {
    response.end(path.endsWith('/crossfade') ? documentAt(7, 25) : documentAt(70, 75));
  });
  const neighbours = [startNeighbour(url, 'crossfade'), startNeighbour(url, 'other')];
  await until(() => neighbours.every(({ revisions }) => revisions.length > 0));
  await Promise.all(neighbours.map(kill));
  goDown();
  expect((await readdir(cacheDirectory)).length).toBe(2);
  expect((await restartOffline(url, 'crossfade')).document.issuance).toMatchObject({ percent: 25, revision: '7' });
  expect((await restartOffline(url, 'other')).document.issuance).toMatchObject({ percent: 75, revision: '70' });
  expect((await restartOffline(url, 'third')).revision).toBeNull();
});

function until(condition: () => boolean): Promise<void> {
  return vi.waitFor(() => expect(condition()).toBe(true), { timeout: 60_000, interval: 10 });
}
