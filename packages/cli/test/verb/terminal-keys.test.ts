import { PassThrough } from 'node:stream';
import { expect, it, vi } from 'vitest';
import { listenForKeys } from '../../src/verb/terminal-keys.ts';

function terminal() {
  const modes: boolean[] = [];
  return Object.assign(new PassThrough(), { modes, setRawMode: (mode: boolean) => modes.push(mode) });
}

const nothing = { quit: () => {}, suspend: () => {} };

it.each(['q', 'Q', '\u0003'])('ends at the key %j, and gives the terminal back', async (key) => {
  const stdin = terminal();
  const quit = vi.fn();
  const keys = listenForKeys(stdin, { ...nothing, quit });
  keys.take();
  stdin.write('x');
  await expect.poll(() => stdin.readableLength).toBe(0);
  expect(quit).not.toHaveBeenCalled();
  stdin.write(key);
  await expect.poll(() => quit.mock.calls.length).toBe(1);
  keys.release();
  keys.release();
  expect(stdin.modes).toEqual([true, false]);
  expect(stdin.listenerCount('data')).toBe(0);
});

it('stops at Ctrl-Z, and ends when the terminal is gone', async () => {
  const stdin = terminal();
  const [quit, suspend] = [vi.fn(), vi.fn()];
  listenForKeys(stdin, { quit, suspend }).take();
  stdin.write('\u001A');
  await expect.poll(() => suspend.mock.calls.length).toBe(1);
  stdin.end();
  await expect.poll(() => quit.mock.calls.length).toBe(1);
});

it('ends without an error of its own where the terminal is gone when it is taken or given back', () => {
  const stdin = Object.assign(new PassThrough(), {
    setRawMode: () => stdin.emit('error', new Error('setRawMode EIO')),
  });
  const quit = vi.fn();
  const keys = listenForKeys(stdin, { ...nothing, quit });
  keys.take();
  expect(quit).toHaveBeenCalledOnce();
  keys.release();
  expect(stdin.listenerCount('error')).toBe(0);
});

it('hears nothing without a terminal', () => {
  for (const stdin of [undefined, new PassThrough()]) {
    const keys = listenForKeys(stdin, nothing);
    keys.take();
    keys.release();
    expect(stdin?.listenerCount('data') ?? 0).toBe(0);
  }
});
