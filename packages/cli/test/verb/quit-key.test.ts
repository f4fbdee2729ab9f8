import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { listenForQuit } from '../../src/verb/quit-key.ts';

function terminal() {
  const modes: boolean[] = [];
  return Object.assign(new PassThrough(), { modes, setRawMode: (mode: boolean) => modes.push(mode) });
}

it.each(['q', 'Q', '\u0003'])('ends at the key %j, and gives the terminal back', async (key) => {
  const stdin = terminal();
  const { signal, restore } = listenForQuit(stdin, new AbortController().signal);
  stdin.write('x');
  await expect.poll(() => stdin.readableLength).toBe(0);
  expect(signal.aborted).toBe(false);
  stdin.write(key);
  await expect.poll(() => signal.aborted).toBe(true);
  restore();
  expect(stdin.modes).toEqual([true, false]);
  expect(stdin.listenerCount('data')).toBe(0);
});

it('ends with the signal of the program, with a terminal and without', () => {
  for (const stdin of [undefined, new PassThrough(), terminal()]) {
    const interrupt = new AbortController();
    const { signal, restore } = listenForQuit(stdin, interrupt.signal);
    interrupt.abort();
    expect(signal.aborted).toBe(true);
    restore();
  }
});
