import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createExclusiveRunner, withTimeout } from '../../src/polling/timeout.ts';

const OPEN = new AbortController().signal;
const never = () => new Promise<never>(() => {});

describe('withTimeout', () => {
  it('returns the result, or the failure, of work that ends in time', async () => {
    await expect(withTimeout(1000, OPEN, async () => 7)).resolves.toBe(7);
    await expect(withTimeout(1000, OPEN, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('leaves no timer behind', async () => {
    vi.useFakeTimers();
    await withTimeout(1000, OPEN, async () => 7);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('rejects after the timeout even if the work ignores its signal', async () => {
    await expect(withTimeout(10, OPEN, never)).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('aborts the signal of the work after the timeout', async () => {
    let given: AbortSignal | undefined;
    const ended = withTimeout(10, OPEN, (signal) => {
      given = signal;
      return never();
    });
    await expect(ended).rejects.toThrow();
    expect(given?.aborted).toBe(true);
  });

  it('lets a process that was paused read what has arrived before it judges the time', async () => {
    const port = await listen((socket) => socket.end('arrived'));
    const reading = withTimeout(50, OPEN, () => text(connect(port, '127.0.0.1')));
    const endMs = performance.now() + 400;
    while (performance.now() < endMs);
    await expect(reading).resolves.toBe('arrived');
  });

  it('rejects when the caller aborts, before or during the work', async () => {
    const controller = new AbortController();
    const ended = withTimeout(60_000, controller.signal, never);
    controller.abort(new Error('closing'));
    await expect(ended).rejects.toThrow('closing');
    await expect(withTimeout(60_000, controller.signal, async () => 7)).rejects.toThrow('closing');
  });
});

describe('an exclusive runner', () => {
  it('returns the result, or the failure, of the work', async () => {
    const run = createExclusiveRunner(10_000);
    await expect(run(async () => 7)).resolves.toBe(7);
    await expect(run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await expect(run(async () => 8)).resolves.toBe(8);
  });

  it('gives up on work that hangs, and starts no other until that has ended', async () => {
    const run = createExclusiveRunner(10);
    const hanging = deferred();
    let begun = 0;
    const work = () => {
      begun += 1;
      return begun === 1 ? hanging.promise : Promise.resolve(2);
    };
    await expect(run(work)).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(run(work)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(begun).toBe(1);
    hanging.resolve(1);
    await hanging.promise;
    await expect(run(work)).resolves.toBe(2);
  });

  it('handles a failure that arrives after the timeout', async () => {
    const run = createExclusiveRunner(10);
    const hanging = deferred();
    await expect(run(() => hanging.promise)).rejects.toMatchObject({ name: 'TimeoutError' });
    hanging.reject(new Error('late'));
    await expect(hanging.promise).rejects.toThrow('late');
    await expect(run(async () => 2)).resolves.toBe(2);
  });
});

function deferred() {
  let resolve: (value: number) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<number>((fulfil, fail) => {
    resolve = fulfil;
    reject = fail;
  });
  return { promise, resolve, reject };
}

async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer(onConnection);
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
