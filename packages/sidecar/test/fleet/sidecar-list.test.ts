import { createServer, type RequestListener } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createSidecarList } from '../../src/fleet/sidecar-list.ts';
import { freePort, type Listening, listenOnLoopback } from '../fixture/listening.ts';
import { startTestbed } from '../fixture/testbed.ts';

const TOKEN = 'read-token-of-this-test';
const cleanups: { close(): Promise<unknown> }[] = [];
afterEach(() => Promise.all(cleanups.splice(0).map((part) => part.close())));

async function serve(respond: RequestListener): Promise<Listening> {
  const server = await listenOnLoopback(createServer(respond));
  cleanups.push(server);
  return server;
}

async function startSidecar() {
  const testbed = await startTestbed(
    { metrics: '127.0.0.1:0' },
    { environment: { CROSSFADE_SIDECAR_READ_TOKEN: TOKEN } },
  );
  cleanups.push(testbed);
  const { adminUrl, metricsUrl = '' } = testbed.sidecar;
  return { adminUrl, metricsUrl, migration: testbed.plan.migration };
}

function listOf(urls: readonly string[], migration = 'orders-2026', token: string | undefined = TOKEN) {
  const list = createSidecarList({ urls, migration, token });
  return async () => (await list.read(new AbortController().signal, Date.now())).instances;
}

test('reads the metrics port with the read token, and links to a page only where the admin port is read', async () => {
  const { adminUrl, metricsUrl, migration } = await startSidecar();
  const other = await startSidecar();
  const read = listOf([`${metricsUrl}/`, other.adminUrl, metricsUrl], migration);
  expect(await read()).toMatchObject([
    { name: new URL(metricsUrl).host, problem: null, pageUrl: null },
    { name: new URL(other.adminUrl).host, problem: null, pageUrl: `${other.adminUrl}/` },
  ]);
  const [reading] = await listOf([adminUrl], 'another')();
  expect(reading?.problem).toBe('belongs to another migration');
});

test('says which secret is missing, or wrong', async () => {
  const { metricsUrl, migration } = await startSidecar();
  for (const token of ['wrong', '']) {
    const [reading] = await listOf([metricsUrl], migration, token)();
    expect(reading?.problem).toContain('set CROSSFADE_READ_TOKEN of this sidecar');
  }
});

test('does not count one sidecar twice that two URLs reach', async () => {
  const { adminUrl, metricsUrl, migration } = await startSidecar();
  const [first, second] = await listOf([adminUrl, metricsUrl], migration)();
  expect(first?.problem).toBeNull();
  expect(second).toMatchObject({
    problem: `is the same sidecar as ${first?.name}: list each sidecar once`,
    validUnauthorized: null,
  });
});

test('keeps what an instance told last once it responds no more', async () => {
  const { adminUrl, migration } = await startSidecar();
  const status = await (await fetch(`${adminUrl}/status`)).text();
  const sibling = await serve((_request, response) => response.end(status));
  const read = listOf([sibling.url], migration);
  const [told] = await read();
  await sibling.close();
  const [silent] = await read();
  expect(silent).toEqual({ ...told, problem: 'cannot be reached (ECONNREFUSED)' });
});

test('reads the status of an older sidecar, and calls unknown what it does not tell', async () => {
  const { adminUrl, migration } = await startSidecar();
  const status = (await (await fetch(`${adminUrl}/status`)).json()) as Record<string, unknown>;
  const { disagreements, shown, process, lastValidUnauthorizedAt, ...older } = status;
  expect([disagreements, shown, process, lastValidUnauthorizedAt]).not.toContain(undefined);
  const sibling = await serve((_request, response) => response.end(JSON.stringify(older)));
  const [reading] = await listOf([sibling.url], migration)();
  expect(reading).toMatchObject({
    ...{ problem: null, disagreements: null, process: null, validUnauthorized: 0 },
    shown: { legacy: null, target: null },
  });
});

test.each([
  ['no JSON', 'hello', 'did not return JSON'],
  ['other JSON', '{"phase":"<b>"}', 'did not return a sidecar status'],
])('names a sibling that returns %s', async (_what, body, problem) => {
  const sibling = await serve((_request, response) => response.end(body));
  expect(await listOf([sibling.url])()).toMatchObject([{ problem, phase: null }]);
});

test('asks at most 16 of 200 at once, and reads all of them', async () => {
  const { adminUrl, migration } = await startSidecar();
  const { process, ...status } = (await (await fetch(`${adminUrl}/status`)).json()) as Record<string, unknown>;
  expect(process).toBeTypeOf('string');
  let running = 0;
  let most = 0;
  const sibling = await serve((_request, response) => {
    running += 1;
    most = Math.max(most, running);
    setImmediate(() => {
      running -= 1;
      response.end(JSON.stringify(status));
    });
  });
  const urls = Array.from({ length: 200 }, (_, index) => `${sibling.url}/${index}`);
  // The times of a busy machine: this is about the number.
  const times = { eachMs: 60_000, allMs: 60_000 };
  const list = createSidecarList({ urls, migration, token: undefined, ...times });
  const { instances } = await list.read(new AbortController().signal, Date.now());
  expect(instances.filter(({ problem }) => problem === null)).toHaveLength(200);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(16);
});

test('ends in time though 120 siblings hang, and begins the next reading with those it did not ask', async () => {
  const asked = new Set<string | undefined>();
  const sibling = await serve(({ url }) => void asked.add(url));
  const urls = Array.from({ length: 120 }, (_, index) => `${sibling.url}/${index}`);
  const list = createSidecarList({ urls, migration: 'm', token: undefined, eachMs: 500, allMs: 900 });
  const read = async () => (await list.read(new AbortController().signal, Date.now())).instances;
  const startedMs = performance.now();
  const late = (await read()).filter(({ problem }) => problem === 'was not asked: the others took too long');
  expect(performance.now() - startedMs).toBeLessThan(5000);
  expect(late.length).toBeGreaterThan(60);
  const first = new Set(asked);
  asked.clear();
  await read();
  expect(asked.size).toBeGreaterThan(0);
  expect([...asked].filter((url) => first.has(url))).toEqual([]);
});

test('ends at once when the sidecar closes', async () => {
  const sibling = await serve(() => {});
  const ending = new AbortController();
  const list = createSidecarList({ urls: [sibling.url], migration: 'm', token: undefined });
  const reading = list.read(ending.signal, Date.now());
  ending.abort();
  expect((await reading).instances).toMatchObject([{ problem: 'cannot be reached' }]);
});

test('names an address that nothing listens on', async () => {
  expect(await listOf([`http://127.0.0.1:${await freePort()}`])()).toMatchObject([
    { problem: 'cannot be reached (ECONNREFUSED)', phase: null, mix: null },
  ]);
});
