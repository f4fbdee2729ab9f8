import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEmulator, type Emulator } from '@crossfade/appconfig-emulator';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createAppConfigDataPlane } from '../../src/appconfig/appconfig-data-plane.ts';
import { createAppConfigSession } from '../../src/appconfig/appconfig-session.ts';
import type { Poll } from '../../src/polling/polled-source.ts';

const LOCATION = { application: 'orders', environment: 'prod', profile: 'crossfade' };
const OPEN = new AbortController().signal;
const INTERVAL_MS = 15_000;
const HOUR_MS = 3_600_000;

interface Pace {
  readonly now?: () => number;
  readonly random?: () => number;
  readonly timeoutMs?: number;
}

function openSession(endpoint: string, { now = Date.now, random = () => 0, timeoutMs = 10_000 }: Pace = {}) {
  const plane = createAppConfigDataPlane({ ...LOCATION, endpoint, pollIntervalMs: INTERVAL_MS, timeoutMs });
  onTestFinished(plane.close);
  const session = createAppConfigSession({ plane, pollIntervalMs: INTERVAL_MS, now, random });
  return () => session.poll(OPEN);
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a session with AppConfig', () => {
  let nowMs: number;
  let emulator: Emulator;
  let url: string;
  let poll: () => Promise<Poll>;

  beforeEach(async () => {
    nowMs = Date.parse('2026-05-04T10:00:00Z');
    emulator = createEmulator({ now: () => nowMs });
    ({ url } = await emulator.listen());
    onTestFinished(() => emulator.close());
    poll = openSession(url, { now: () => nowMs });
  });

  function publish(percent: number): void {
    const flag = { name: 'issue-target', attributes: { percent: { constraints: { type: 'number' } } } };
    const values = { 'issue-target': { enabled: true, percent } };
    emulator.seed({ ...LOCATION, content: JSON.stringify({ version: '1', flags: { 'issue-target': flag }, values }) });
  }

  async function kind(): Promise<string> {
    return (await poll()).result.kind;
  }

  async function nextKind(): Promise<string> {
    nowMs += INTERVAL_MS;
    return kind();
  }

  it('returns the document once, then "unchanged", each with a new token', async () => {
    publish(25);
    expect((await poll()).result).toMatchObject({
      kind: 'document',
      text: '{"issue-target":{"enabled":true,"percent":25}}',
    });
    for (let poll = 0; poll < 5; poll += 1) expect(await nextKind()).toBe('unchanged');
    publish(50);
    expect(await nextKind()).toBe('document');
  });

  it('requests its poll interval and obeys the one AppConfig returns', async () => {
    publish(25);
    expect(await poll()).toMatchObject({ intervalMs: INTERVAL_MS, nextPollMs: INTERVAL_MS + 20 });
    const slow = createEmulator({ pollIntervalSeconds: 60, now: () => nowMs });
    const { url: slowUrl } = await slow.listen();
    onTestFinished(() => slow.close());
    slow.seed({ ...LOCATION, content: '{"version":"1","flags":{},"values":{}}' });
    expect(await openSession(slowUrl, { now: () => nowMs })()).toMatchObject({
      intervalMs: 60_000,
      nextPollMs: 60_020,
    });
  });

  it('keeps its token and waits after a poll that was too early', async () => {
    publish(25);
    await poll();
    nowMs += 1000;
    expect(await poll()).toMatchObject({
      result: { kind: 'failed', problem: expect.stringMatching(/poll interval/) },
      nextPollMs: INTERVAL_MS + 20,
    });
    expect(await nextKind()).toBe('unchanged');
  });

  it('opens a new session at once when its token is corrupted', async () => {
    publish(25);
    await poll();
    emulator.dropSessions();
    expect(await nextKind()).toBe('document');
  });

  it('opens a new session at once when a response was lost with its token', async () => {
    publish(25);
    await poll();
    emulator.faults.set({ kind: 'lost', plane: 'data', times: 1 });
    expect(await nextKind()).toBe('failed');
    expect(await nextKind()).toBe('document');
  });

  it('renews a token before it expires after 24 h', async () => {
    publish(25);
    await poll();
    nowMs += 22 * HOUR_MS;
    expect(await kind()).toBe('unchanged');
    nowMs += 23 * HOUR_MS + 1;
    expect(await kind()).toBe('document');
  });

  it('recovers at once after days of sleep', async () => {
    publish(25);
    await poll();
    nowMs += 72 * HOUR_MS;
    expect(await kind()).toBe('document');
  });

  it('polls rarely for a missing resource and finds it once it exists', async () => {
    const waits = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const { result, nextPollMs } = await poll();
      expect(result).toMatchObject({ kind: 'failed', problem: expect.stringMatching(/no such application.*404/) });
      waits.push((nextPollMs - 20) / INTERVAL_MS);
      nowMs += nextPollMs;
    }
    expect(waits).toEqual([4, 8, 16, 16]);
    publish(25);
    expect(await poll()).toMatchObject({ result: { kind: 'document' }, nextPollMs: INTERVAL_MS + 20 });
  });

  it.each(['throttle', 'error', 'down'] as const)('keeps its token through "%s", and backs off', async (fault) => {
    publish(25);
    await poll();
    emulator.faults.set({ kind: fault, plane: 'data' });
    const waits = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      nowMs += INTERVAL_MS;
      const { result, nextPollMs } = await poll();
      expect(result).toMatchObject({ kind: 'failed', problem: expect.stringMatching(/^AppConfig did not respond \(/) });
      waits.push((nextPollMs - 20) / INTERVAL_MS);
    }
    expect(waits).toEqual([1, 2, 4, 4]);
    emulator.faults.clear();
    expect(await nextKind()).toBe('unchanged');
  });

  it('sends each request once, so that no SDK retry uses a token twice', async () => {
    publish(25);
    await poll();
    emulator.faults.set({ kind: 'error', plane: 'data', times: 1 });
    expect(await nextKind()).toBe('failed');
    expect(emulator.faults.active()).toEqual([]);
    expect(await nextKind()).toBe('unchanged');
  });

  it('spreads its retries and never polls sooner than the interval', async () => {
    for (const [random, expectedMs] of [
      [0, 4 * INTERVAL_MS],
      [1, 6 * INTERVAL_MS],
    ] as const) {
      const { nextPollMs } = await openSession(url, { random: () => random })();
      expect(nextPollMs).toBe(expectedMs + 20);
    }
  });

  it('times out on a missing response', async () => {
    publish(25);
    const impatient = openSession(url, { now: () => nowMs, timeoutMs: 100 });
    emulator.faults.set({ kind: 'hang', plane: 'data' });
    expect((await impatient()).result).toMatchObject({ problem: 'AppConfig did not respond (TimeoutError)' });
  });

  it('returns garbage as a document, for the reader to refuse, and goes on', async () => {
    publish(25);
    await poll();
    emulator.faults.set({ kind: 'garbage', plane: 'data', times: 1 });
    expect(await nextKind()).toBe('document');
    expect(await nextKind()).toBe('unchanged');
  });
});

it('times out on a response that stops in the middle', async () => {
  const url = await serve((request, response) => {
    if (request.method === 'POST') {
      response.writeHead(201, { 'content-type': 'application/json' }).end('{"InitialConfigurationToken":"t"}');
    } else {
      response.writeHead(200, { 'content-length': '100', 'Next-Poll-Configuration-Token': 'u' }).write('{"issue');
    }
  });
  const { result } = await openSession(url, { timeoutMs: 150 })();
  expect(result).toMatchObject({ kind: 'failed', problem: expect.stringMatching(/^AppConfig did not respond/) });
});

it('does not loop with a service that refuses its own tokens', async () => {
  let requests = 0;
  const url = await serve((request, response) => {
    requests += 1;
    if (request.method === 'POST') {
      response.writeHead(201, { 'content-type': 'application/json' }).end('{"InitialConfigurationToken":"t"}');
      return;
    }
    const Details = { InvalidParameters: { ConfigurationToken: { Problem: 'Expired' } } };
    response
      .writeHead(400, { 'content-type': 'application/json', 'x-amzn-errortype': 'BadRequestException' })
      .end(JSON.stringify({ Message: 'no', Reason: 'InvalidParameters', Details }));
  });
  const poll = openSession(url);
  expect((await poll()).result).toMatchObject({ problem: expect.stringMatching(/its own new session token/) });
  expect(requests).toBe(4);
  await poll();
  expect(requests).toBe(8);
});

it.each([
  ['a response without a token', 201, 'application/json', '{}', /MissingToken/],
  ['a proxy that responds with a page', 502, 'text/html', '<html>secret</html>', /502/],
  ['a page instead of a session', 201, 'text/html', '<html>secret</html>', /AppConfig did not respond/],
  [
    'credentials that are refused',
    403,
    'application/json',
    '{"message":"arn:secret"}',
    /^AppConfig denies access.* 403\)$/,
  ],
])('reports %s without quoting it', async (_name, status, type, body, problem) => {
  const url = await serve((_request, response) => response.writeHead(status, { 'content-type': type }).end(body));
  const { result } = await openSession(url)();
  expect(result).toMatchObject({ kind: 'failed', problem: expect.stringMatching(problem) });
  expect(JSON.stringify(result)).not.toContain('secret');
});
