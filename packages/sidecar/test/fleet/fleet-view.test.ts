import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createFleetView, type FleetViewParts } from '../../src/fleet/fleet-view.ts';
import { createSettableFlags } from '../fixture/flags.ts';
import { freePort, type Listening, listenOnLoopback } from '../fixture/listening.ts';
import { startTestbed, type Testbed } from '../fixture/testbed.ts';

const cleanups: { close(): unknown }[] = [];
afterEach(() => Promise.all(cleanups.splice(0).map((part) => part.close())));

/** A fleet view in the place of the one of a running sidecar. */
async function viewOf(
  gate: Partial<FleetViewParts['plan']['gate']>,
  environment: FleetViewParts['environment'] = {},
): Promise<{ testbed: Testbed; view: ReturnType<typeof createFleetView> }> {
  const testbed = await startTestbed();
  const status = (await (await fetch(`${testbed.sidecar.adminUrl}/status`)).json()) as ReturnType<
    FleetViewParts['status']
  >;
  const { migration, gate: usual } = testbed.plan;
  const view = createFleetView({
    plan: { migration, gate: { ...usual, ...gate } },
    settings: { admin: '127.0.0.1:9464' },
    flags: createSettableFlags(),
    environment,
    status: () => status,
    now: Date.now,
  });
  cleanups.push(testbed, view);
  return { testbed, view };
}

test('shows this sidecar alone where the plan names no others', async () => {
  const { view } = await viewOf({});
  expect(view.latest()).toBeUndefined();
  const fleet = await view.read();
  expect(fleet).toMatchObject({ source: 'alone', problem: null, responding: 1, known: 1, apart: 0 });
  expect(fleet.instances).toMatchObject([{ name: 'this sidecar', isThis: true, comparison: 'equal' }]);
  expect(view.latest()).toBe(fleet);
});

test('shows this sidecar alone, and why, where Prometheus cannot be reached', async () => {
  const { view } = await viewOf({ prometheus: { url: `http://127.0.0.1:${await freePort()}`, timeoutMs: 5000 } });
  const fleet = await view.read();
  expect(fleet).toMatchObject({ source: 'prometheus', problem: 'cannot be reached (ECONNREFUSED)', expected: null });
  expect(fleet.instances).toMatchObject([{ name: 'this sidecar', isThis: true, problem: null }]);
});

test('shows this sidecar alone, and why, where Prometheus wants to know who asks', async () => {
  const prometheus = { url: 'https://mimir.example.com', timeoutMs: 5000, bearerTokenFile: '/run/secrets/token' };
  const { view } = await viewOf({ prometheus });
  const fleet = await view.read();
  expect(fleet).toMatchObject({
    source: 'prometheus',
    problem: 'is asked by the CLI alone, as gate.prometheus has bearerTokenFile: see crossfade status',
  });
  expect(fleet.instances).toMatchObject([{ name: 'this sidecar', isThis: true }]);
});

async function authorizationOf(environment: FleetViewParts['environment']): Promise<string | undefined> {
  let authorization: string | undefined;
  const sibling: Listening = await listenOnLoopback(
    createServer(({ headers }, response) => {
      authorization = headers.authorization;
      response.writeHead(503).end();
    }),
  );
  cleanups.push(sibling);
  const { view } = await viewOf({ sidecars: [sibling.url] }, environment);
  const fleet = await view.read();
  expect(fleet).toMatchObject({ source: 'sidecars', expected: 1, responding: 0 });
  expect(JSON.stringify(fleet)).not.toContain('token-of');
  return authorization;
}

test('asks siblings with the read token of the CLI, else with that of its own metrics port', async () => {
  const own = { CROSSFADE_SIDECAR_READ_TOKEN: 'token-of-port' };
  expect(await authorizationOf({})).toBeUndefined();
  expect(await authorizationOf(own)).toBe('Bearer token-of-port');
  expect(await authorizationOf({ ...own, CROSSFADE_READ_TOKEN: 'token-of-cli' })).toBe('Bearer token-of-cli');
  expect(await authorizationOf({ CROSSFADE_READ_TOKEN: 'not a token-of\r\nx: y' })).toBeUndefined();
});

test('asks once for all readers, and not again before it is due', async () => {
  let requests = 0;
  const sibling = await listenOnLoopback(
    createServer((_request, response) => {
      requests += 1;
      response.writeHead(503).end();
    }),
  );
  cleanups.push(sibling);
  const { view } = await viewOf({ sidecars: [sibling.url] });
  const readings = await Promise.all([view.read(), view.read()]);
  view.refresh();
  expect(await view.read()).toBe(readings[0]);
  expect(readings[1]).toBe(readings[0]);
  expect(requests).toBe(1);
});

test('ends a reading in progress when it closes', async () => {
  const sibling = await listenOnLoopback(createServer(() => {}));
  cleanups.push(sibling);
  const { view } = await viewOf({ sidecars: [sibling.url] });
  const reading = view.read();
  view.close();
  expect(await reading).toMatchObject({ responding: 0 });
});

test('leaves the process alive where a reading in the background fails by an error of its own', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', note);
  cleanups.push({ close: () => process.off('unhandledRejection', note) });
  const { view } = await viewOf({ sidecars: ['http://user:100%@127.0.0.1:9'] });
  view.refresh();
  await expect.poll(() => view.read().catch(({ name }) => name)).toBe('URIError');
  view.refresh();
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect(unhandled).toEqual([]);
});
