import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { createTimeout, settleWithin, TimeoutError } from '../../src/http/timeout.ts';

async function untilAborted(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort');
  throw signal.reason;
}

describe('createTimeout', () => {
  test('settles as the work does', async () => {
    const timeout = createTimeout(60_000);

    expect(await timeout.run(async () => 'done')).toBe('done');
    await expect(timeout.run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(timeout.size()).toBe(0);
  });

  test('aborts work that exceeds the timeout', async () => {
    await expect(createTimeout(5).run(untilAborted)).rejects.toThrow(TimeoutError);
  });

  test('rejects after the timeout even if the work ignores its signal', async () => {
    const timeout = createTimeout(5);

    await expect(timeout.run(() => new Promise(() => {}))).rejects.toThrow(TimeoutError);
    expect(timeout.size()).toBe(0);
  });

  test('aborts all work on close', async () => {
    const timeout = createTimeout(60_000);
    const work = [timeout.run(untilAborted), timeout.run(untilAborted)];
    expect(timeout.size()).toBe(2);

    timeout.close();

    for (const result of await Promise.allSettled(work)) expect(result).toMatchObject({ status: 'rejected' });
    expect(timeout.size()).toBe(0);
  });
});

describe('settleWithin', () => {
  test('settles as the work does, whatever its kind of promise', async () => {
    // biome-ignore lint/suspicious/noThenProperty: some libraries have promises of their own.
    const foreign = { then: (resolve: (value: string) => void) => resolve('done') } as PromiseLike<string>;

    expect(await settleWithin(60_000, Promise.resolve('done'))).toBe('done');
    expect(await settleWithin(60_000, foreign)).toBe('done');
    await expect(settleWithin(60_000, Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  });

  test('rejects work that exceeds the timeout, and ignores how it ends', async () => {
    let fail = (_error: Error) => {};
    const work = new Promise<never>((_, reject) => {
      fail = reject;
    });
    await expect(settleWithin(5, work)).rejects.toThrow(TimeoutError);
    fail(new Error('late'));
  });
});

describe('a process that was paused', () => {
  /** Blocks the process past the timeout, as SIGSTOP does: the timer is overdue when it ends. */
  function pause(ms: number): void {
    const endMs = performance.now() + ms;
    while (performance.now() < endMs);
  }

  test('reads what has arrived meanwhile before it judges the time', async () => {
    const server = createServer((socket) => socket.end('arrived'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const reading = createTimeout(50).run(() => text(connect(port, '127.0.0.1')));
    pause(400);

    expect(await reading).toBe('arrived');
    server.close();
  });

  test('rejects what has not arrived, up to a second later', async () => {
    const startMs = performance.now();
    const waiting = createTimeout(20).run(() => new Promise(() => {}));
    pause(300);

    await expect(waiting).rejects.toThrow(TimeoutError);
    expect(performance.now() - startMs).toBeLessThan(1500);
  });
});
