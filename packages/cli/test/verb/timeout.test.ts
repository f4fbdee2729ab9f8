import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished, vi } from 'vitest';
import { TimeoutError, withTimeout } from '../../src/verb/timeout.ts';

const OPEN = new AbortController().signal;
const never = () => new Promise<never>(() => {});

it('settles as the work does, and leaves no timer behind', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  await expect(withTimeout(1000, OPEN, async () => 7)).resolves.toBe(7);
  await expect(withTimeout(1000, OPEN, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(vi.getTimerCount()).toBe(0);
});

it('aborts and rejects work that exceeds the timeout, even if it ignores its signal', async () => {
  let given: AbortSignal | undefined;
  const ended = withTimeout(10, OPEN, (signal) => {
    given = signal;
    return never();
  });
  await expect(ended).rejects.toThrow(TimeoutError);
  expect(given?.aborted).toBe(true);
});

it('rejects when the caller aborts, before or during the work', async () => {
  const controller = new AbortController();
  const ended = withTimeout(60_000, controller.signal, never);
  controller.abort(new Error('interrupted'));
  await expect(ended).rejects.toThrow('interrupted');
  await expect(withTimeout(60_000, controller.signal, async () => 7)).rejects.toThrow('interrupted');
});

it('lets a process that was paused read what has arrived before it judges the time', async () => {
  const server = createServer((socket) => socket.end('arrived'));
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const reading = withTimeout(50, OPEN, () => text(connect(port, '127.0.0.1')));
  const endMs = performance.now() + 400;
  while (performance.now() < endMs);
  await expect(reading).resolves.toBe('arrived');
});
