import { createServer } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import type { Dashboard } from '../../src/admin/dashboard.ts';
import { createLiveEvents } from '../../src/admin/live-events.ts';
import { type EventStream, openEvents } from '../fixture/events.ts';
import { sendRequest } from '../fixture/http.ts';
import { listenOnLoopback } from '../fixture/listening.ts';
import { startTestbed, type Testbed } from '../fixture/testbed.ts';

const NO_FLEET: Parameters<typeof createLiveEvents>[1] = {
  read: () => Promise.reject(new Error('there is no fleet')),
  refresh() {},
  latest: () => undefined,
};
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function testbed(): Promise<Testbed> {
  const opened = await startTestbed();
  cleanups.push(() => opened.close());
  return opened;
}

async function listen(url: string): Promise<EventStream> {
  const events = await openEvents(`${url}/events`);
  cleanups.push(() => events.close());
  return events;
}

test('sends the history and the state first, then a state every second', async () => {
  const { sidecar, status } = await testbed();
  const events = await listen(sidecar.adminUrl);
  expect(events.response.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  expect((await events.next('history')).data).toMatchObject({ stepMs: 1000, marks: [{ phase: 'prepare' }] });
  const { audiences, rejections } = await status();
  expect((await events.next('state')).data).toMatchObject({ ready: true, status: { audiences, rejections } });
  expect((await events.next('point')).data).toMatchObject({ legacy: 0, target: 0 });
  expect((await events.next('state')).data).toMatchObject({ ready: true });
});

test('accepts sixteen viewers, responds 503 with Retry-After to the next, and accepts it once one has left', async () => {
  const { sidecar } = await testbed();
  const viewers = await Promise.all(Array.from({ length: 16 }, () => listen(sidecar.adminUrl)));
  const refused = await sendRequest(`${sidecar.adminUrl}/events`);
  expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  viewers[0]?.close();
  await vi.waitFor(async () => expect((await listen(sidecar.adminUrl)).response.statusCode).toBe(200), 3000);
});

test('ends with the sidecar without delaying its shutdown', async () => {
  const { sidecar } = await testbed();
  const events = await listen(sidecar.adminUrl);
  await events.next('state');
  const startMs = performance.now();
  await Promise.all([sidecar.close(), events.ended()]);
  expect(performance.now() - startMs).toBeLessThan(2000);
});

test('closes the connection of a viewer that does not read', async () => {
  const state = { text: 'x'.repeat(4_000_000) };
  const dashboard = { state: () => state, history: () => ({ points: [] }), note: () => 'nothing' };
  const live = createLiveEvents(dashboard as unknown as Dashboard, NO_FLEET);
  cleanups.push(() => live.close());
  const closed = vi.fn();
  const server = createServer((_request, response) => {
    response.once('close', closed);
    live.addViewer(response);
  });
  const listening = await listenOnLoopback(server);
  cleanups.push(() => listening.close());
  live.start();
  const socket = connect(listening.port, '127.0.0.1').pause();
  cleanups.push(() => socket.destroy());
  socket.write('GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await vi.waitFor(() => expect(closed).toHaveBeenCalled(), 10_000);
});
