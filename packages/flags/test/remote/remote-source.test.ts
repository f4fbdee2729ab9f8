import { ConfigError, type FlagSnapshot } from '@crossfade/core';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createRemoteSource, type RemoteSourceOptions } from '../../src/remote/remote-source.ts';
import { HALF, type IssuanceServer, QUARTER, startIssuanceServer } from '../fixture/issuance-server.ts';

const NEVER_MS = 86_400_000;

function open(options: Partial<RemoteSourceOptions> & { readonly url: string }) {
  const source = createRemoteSource({ intervalMs: NEVER_MS, ...options });
  onTestFinished(() => source.close());
  return source;
}

/** A storage as browsers have it. */
function memoryStorage(entries: Record<string, string> = {}) {
  return {
    entries,
    getItem: (key: string) => entries[key] ?? null,
    setItem(key: string, value: string) {
      entries[key] = value;
    },
  };
}

const positionOf = ({ document, stale, revision }: FlagSnapshot) => ({
  enabled: document.issuance.enabled,
  percent: document.issuance.percent,
  revision,
  stale,
});
const LEGACY = { enabled: false, percent: 0, revision: null, stale: true };

test('a source has the position that the backend publishes, as a switch and as a flag source', async () => {
  const server = await startIssuanceServer();
  const source = open(server);
  expect(source.issuance()).toMatchObject(LEGACY);
  await source.ready();
  expect(source.issuance()).toEqual({ ...QUARTER, sinceMs: null });
  expect(source.snapshot()).toMatchObject({ document: { acceptance: 'both' }, revision: '7', stale: false });
  expect(source.refreshes()).toEqual({ updated: 1, unchanged: 0, refused: 0, failed: 0 });
});

test('a position that did not change is not sent again', async () => {
  const server = await startIssuanceServer();
  const source = open(server);
  await source.ready();
  await source.refresh();
  server.body = HALF;
  await source.refresh();
  await source.refresh();
  expect(server.sent).toEqual([200, 304, 200, 304]);
  expect(positionOf(source.snapshot())).toEqual(HALF);
  expect(source.refreshes()).toEqual({ updated: 2, unchanged: 2, refused: 0, failed: 0 });
});

test('a rollback keeps its revision, though a disabled flag has no attributes', async () => {
  const server = await startIssuanceServer();
  const source = open(server);
  await source.ready();
  server.body = { enabled: false, percent: 0, revision: '9', stale: false };
  await source.refresh();
  expect(positionOf(source.snapshot())).toEqual(server.body);
});

test.each<[string, Partial<IssuanceServer>, string]>([
  ['an HTML page', { body: '<!doctype html><title>log in</title>' }, 'refused: is not a JSON object'],
  ['a list', { body: [] }, 'refused: is not a JSON object'],
  ['a share above 100', { body: { ...HALF, percent: 101 } }, 'refused: has no usable percent'],
  ['a share as a text', { body: { ...HALF, percent: '50' } }, 'refused: has no usable percent'],
  ['an empty object', { body: {} }, 'refused: has no usable enabled, percent, revision, stale'],
  ['a document without end', { body: `{"enabled":true${' '.repeat(5000)}` }, 'refused: is longer than 4096 characters'],
])('%s never replaces a good position, and stays reported', async (_what, broken, problem) => {
  const server = await startIssuanceServer();
  const source = open(server);
  await source.ready();
  Object.assign(server, broken);
  await source.refresh();
  expect(positionOf(source.snapshot())).toEqual(QUARTER);
  expect(source.snapshot().problem).toContain(problem);
  server.status = 503;
  await source.refresh();
  expect(source.snapshot().problem).toMatch(
    /^the backend responded with 503; before that, the new document is refused/,
  );
  // The backend returns to the document before: its entity tag is known, and the response has no body.
  Object.assign(server, { status: 200, body: QUARTER });
  await source.refresh();
  expect(server.sent.at(-1)).toBe(304);
  expect(source.snapshot()).not.toHaveProperty('problem');
});

test.each<[string, Partial<IssuanceServer>, string]>([
  ['responds with an error', { status: 500 }, 'the backend responded with 500'],
  ['has no such route', { status: 404 }, 'the backend responded with 404'],
  ['says not modified of nothing', { status: 304, body: '' }, 'the backend responded with 304'],
  ['redirects', { status: 302, headers: { location: 'https://idp.example.com' } }, 'the backend cannot be reached'],
  ['hangs', { hangs: true }, 'the backend did not respond in time'],
])('a backend that %s leaves logins on legacy, and says why', async (_what, fault, problem) => {
  const server = await startIssuanceServer();
  Object.assign(server, fault);
  const source = open({ url: server.url, timeoutMs: 50 });
  await source.ready(10_000);
  expect(positionOf(source.snapshot())).toEqual(LEGACY);
  expect(source.snapshot().problem).toBe(problem);
});

test('a backend that is down leaves the last good position in use, which ages and becomes stale', async () => {
  const server = await startIssuanceServer();
  const clock = { ms: 1_800_000_000_000 };
  const source = open({ url: server.url, intervalMs: 10_000, now: () => clock.ms });
  await source.ready();
  await server.close();
  clock.ms += 30_001;
  await source.refresh();
  expect(positionOf(source.snapshot())).toEqual({ ...QUARTER, stale: true });
  expect(source.snapshot()).toMatchObject({
    ageSeconds: 30.001,
    problem: expect.stringContaining('cannot be reached'),
  });
});

test('a stale position of the backend is used, and stale', async () => {
  const server = await startIssuanceServer({ ...QUARTER, stale: true });
  const source = open(server);
  await source.ready();
  expect(positionOf(source.snapshot())).toEqual({ ...QUARTER, stale: true });
  server.body = QUARTER;
  await source.refresh();
  expect(positionOf(source.snapshot())).toEqual(QUARTER);
});

test('a backend that does not know the position, such as after its restart, replaces none', async () => {
  const server = await startIssuanceServer();
  const source = open(server);
  await source.ready();
  server.body = { enabled: false, percent: 0, revision: null, stale: true };
  await source.refresh();
  expect(positionOf(source.snapshot())).toEqual(QUARTER);
  expect(source.snapshot().problem).toContain('the backend does not know the position');
});

test('a reload keeps the last good position, stale until the backend confirms it', async () => {
  const server = await startIssuanceServer();
  const storage = memoryStorage();
  await open({ url: server.url, storage }).ready();
  server.hangs = true;
  const source = open({ url: server.url, storage });
  expect(positionOf(source.snapshot())).toEqual({ ...QUARTER, stale: true });
  expect(source.snapshot().problem).toBe('the flags come from the storage');
  server.hangs = false;
  source.close();
  const again = open({ url: server.url, storage });
  await again.ready();
  expect(positionOf(again.snapshot())).toEqual(QUARTER);
  expect(positionOf(open({ url: `${server.url}?other`, storage }).snapshot())).toEqual(LEGACY);
});

test('an asynchronous storage is read as well, and never overrides what the backend says', async () => {
  const server = await startIssuanceServer(HALF);
  const key = `crossfade-issuance:${server.url}`;
  let respond: (text: string) => void = () => {};
  const late = new Promise<string>((resolve) => {
    respond = resolve;
  });
  const storage = { getItem: () => late, setItem: async () => {} };
  const source = open({ url: server.url, storage });
  await vi.waitFor(() => expect(positionOf(source.snapshot())).toEqual(HALF));
  respond(JSON.stringify(QUARTER));
  await source.ready();
  expect(positionOf(source.snapshot())).toEqual(HALF);

  await server.close();
  const entries = memoryStorage({ [key]: JSON.stringify(QUARTER) });
  const offline = open({ url: server.url, storage: { ...entries, getItem: async (name) => entries.getItem(name) } });
  await offline.ready();
  expect(positionOf(offline.snapshot())).toEqual({ ...QUARTER, stale: true });
});

test.each([
  ['refuses to be read', { getItem: () => fail(), setItem: () => {} }, 'the storage cannot be read'],
  ['refuses later', { getItem: async () => fail(), setItem: () => {} }, 'the storage cannot be read'],
  ['holds something else', { getItem: () => '{', setItem: () => {} }, 'the stored position is damaged and not used'],
])('a storage that %s is reported, and changes nothing else', async (_what, storage, problem) => {
  const server = await startIssuanceServer();
  server.status = 500;
  const source = open({ url: server.url, storage });
  await source.ready();
  await source.refresh();
  expect(source.snapshot().problem).toContain(problem);
  server.status = 200;
  await source.refresh();
  expect(positionOf(source.snapshot())).toEqual(QUARTER);
});

test.each([
  ['throws', () => fail()],
  ['rejects', () => Promise.reject(new Error('quota'))],
])('a storage whose writing %s is reported, and tried again', async (_what, setItem) => {
  const server = await startIssuanceServer();
  const writes = vi.fn(setItem);
  const source = open({ url: server.url, storage: { getItem: () => null, setItem: writes } });
  await source.ready();
  await vi.waitFor(() => expect(source.snapshot().problem).toContain('the position is not stored'));
  expect(positionOf(source.snapshot())).toEqual(QUARTER);
  await source.refresh();
  expect(writes).toHaveBeenCalledTimes(2);
});

function fail(): never {
  throw new Error('the storage is closed to this site');
}

test('polls go on at the interval, and after a failure at longer ones', async () => {
  const server = await startIssuanceServer();
  const source = open({ url: server.url, intervalMs: 10 });
  await vi.waitFor(() => expect(server.sent.length).toBeGreaterThan(3));
  server.body = HALF;
  await vi.waitFor(() => expect(positionOf(source.snapshot())).toEqual(HALF));
  server.status = 503;
  await vi.waitFor(() => expect(source.refreshes().failed).toBeGreaterThan(4));
  const startedAtMs = performance.now();
  const { failed } = source.refreshes();
  await vi.waitFor(() => expect(source.refreshes().failed).toBeGreaterThan(failed + 1));
  // Two pauses of 80 ms, of 10 ms without back-off.
  expect(performance.now() - startedAtMs).toBeGreaterThan(80);
});

test('a backend that asks to wait is asked no earlier', async () => {
  const server = await startIssuanceServer();
  Object.assign(server, { status: 429, headers: { 'retry-after': '3600' } });
  const source = open({ url: server.url, intervalMs: 1 });
  await source.ready();
  await source.refresh();
  const before = server.sent.length;
  const other = open({ url: server.url, intervalMs: 1, fetch: countingFetch() });
  await other.ready();
  await other.refresh();
  // Both sources have had time for many polls at their interval of 1 ms.
  await open({ url: (await startIssuanceServer()).url }).ready();
  expect(server.sent.length).toBe(before + 2);
});

function countingFetch(): typeof fetch {
  return (...args) => fetch(...args);
}

test('a device that slept during a request polls again at once', async () => {
  const server = await startIssuanceServer();
  const clock = { ms: 1_800_000_000_000 };
  const source = open({ url: server.url, timeoutMs: 250, now: () => clock.ms });
  await source.ready();
  server.hangs = true;
  const poll = source.refresh();
  clock.ms += 8 * 3_600_000;
  await poll;
  expect(source.snapshot()).toMatchObject({ stale: false, problem: 'the backend did not respond in time' });
  server.hangs = false;
  await vi.waitFor(() => expect(source.snapshot()).not.toHaveProperty('problem'), 5000);
});

test('ready waits for the first poll, but no longer than it is told to', async () => {
  const server = await startIssuanceServer();
  server.hangs = true;
  const source = open({ url: server.url, timeoutMs: NEVER_MS });
  const startedAtMs = performance.now();
  await source.ready(20);
  expect(performance.now() - startedAtMs).toBeLessThan(1000);
  expect(positionOf(source.snapshot())).toEqual(LEGACY);
});

test('concurrent refreshes share one request, and a closed source sends none', async () => {
  const server = await startIssuanceServer();
  const source = open(server);
  await Promise.all([source.ready(), source.refresh(), source.refresh()]);
  expect(server.sent).toEqual([200]);
  source.close();
  await source.refresh();
  expect(server.sent).toEqual([200]);
  expect(positionOf(source.snapshot())).toEqual(QUARTER);
});

test('closing ends a request that hangs, and tells no listener', async () => {
  const server = await startIssuanceServer();
  const source = open(server);
  await source.ready();
  const listener = vi.fn();
  source.subscribe(listener);
  server.hangs = true;
  const poll = source.refresh();
  source.close();
  await poll;
  expect(listener).not.toHaveBeenCalled();
});

test('listeners hear of changes of position and of problems', async () => {
  const server = await startIssuanceServer();
  const source = open(server);
  await source.ready();
  const heard: unknown[] = [];
  const end = source.subscribe((snapshot) => heard.push(positionOf(snapshot)));
  server.body = { ...HALF, stale: true };
  await source.refresh();
  end();
  server.body = QUARTER;
  await source.refresh();
  expect(heard).toEqual([{ ...HALF, stale: true }]);
});

test('every wrong option is reported at once', () => {
  const create = (options: object) => () => createRemoteSource(options as RemoteSourceOptions);
  expect(create({})).toThrow(ConfigError);
  expect(create({ url: '/auth/issuance', intervalMs: 0, timeoutMs: 'soon', storage: {}, fetch: 1, now: 2 })).toThrow(
    /url: must be the https URL.*a path is for browsers only[\s\S]*storage: must have getItem and setItem[\s\S]*fetch: must be a function[\s\S]*now: must be a function[\s\S]*intervalMs: must be a number[\s\S]*timeoutMs: must be a number/,
  );
  expect(create(undefined as unknown as object)).toThrow('url: must be the https URL');
});

test.each([
  ['http://app.example.com/auth/issuance', 'http is for loopback'],
  ['https://user:secret@app.example.com/auth/issuance', 'without credentials'],
  ['//app.example.com/auth/issuance', 'without credentials'],
  ['ftp://app.example.com/auth/issuance', 'without credentials'],
  ['', 'without credentials'],
])('the URL %j is refused', (url, why) => {
  expect(() => createRemoteSource({ url })).toThrow(why);
});

test.each(['http://[::1]:3000/auth/issuance', 'https://app.example.com:8443/auth/issuance?tenant=a'])(
  'the URL %s is taken',
  (url) => {
    createRemoteSource({ url, fetch: () => Promise.reject(new Error('offline')) }).close();
  },
);

test('http on a trusted network is for those who say so', () => {
  const fetch = () => Promise.reject(new Error('offline'));
  createRemoteSource({ url: 'http://10.0.2.2/auth/issuance', allowInsecure: true, fetch }).close();
});
