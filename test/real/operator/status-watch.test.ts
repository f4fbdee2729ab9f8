import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { missing } from '../fixture/real-part.ts';
import { type OperatedFleet, startOperatedFleet } from './fixture/operated-fleet.ts';
import { type PseudoTerminal, startOnTerminal, type TerminalSize } from './fixture/pseudo-terminal.ts';

const CLI = resolve(import.meta.dirname, '../../../packages/cli/bin/crossfade.js');
const ENTER = '\u001B[?1049h\u001B[?25l\u001B[?7l';
const LEAVE = '\u001B[?7h\u001B[?25h\u001B[?1049l';
const CRASH = 'data:text/javascript,setTimeout(() => { throw new Error("crash") }, 4000)';
const LOW = { rows: 24, columns: 80 };
const WAIT = { timeout: 20_000, interval: 100 };

describe.skipIf(missing('python3'))('crossfade status --watch on a real terminal', () => {
  let fleet: OperatedFleet;
  let traffic: ReturnType<OperatedFleet['startTraffic']>;
  let view: PseudoTerminal | undefined;

  beforeAll(async () => {
    fleet = await startOperatedFleet({ instances: 2, gate: 'sidecars' });
    traffic = fleet.startTraffic(['legacy', 'target']);
  });
  afterEach(() => view?.remove());
  afterAll(async () => {
    await traffic.stop();
    await fleet.remove();
  });

  function watch(size: TerminalSize, env: Readonly<Record<string, string>> = {}, node: readonly string[] = []) {
    const command = [process.execPath, ...node, CLI, 'status', '--watch', '--config', fleet.planPath];
    view = startOnTerminal(command, { ...size, env });
    return view;
  }

  const last = (of: PseudoTerminal) => of.frames().at(-1)?.join('\n') ?? '';
  const showsMix = (of: PseudoTerminal) => expect.poll(() => last(of), WAIT).toMatch(/legacy +\d+%.*target +\d+%/);

  it.each([80, 40, 200])('fits %i columns and 24 rows in every frame, and ends at q', async (columns) => {
    const terminal = watch({ rows: 24, columns });
    await showsMix(terminal);
    await expect.poll(() => last(terminal), WAIT).toMatch(/requests +[\d.]+\/s/);
    terminal.key('q');
    expect(await terminal.ended).toBe(0);
    const widths = terminal.frames().map((lines) => Math.max(...lines.map((line) => [...line].length)));
    expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
    expect(Math.max(...widths)).toBeGreaterThan(columns / 2);
    expect(Math.max(...terminal.frames().map(({ length }) => length))).toBeLessThanOrEqual(24);
    expect(last(terminal)).toMatch(/drained +unknown/);
  });

  it('rewrites in place: it clears once, hides the cursor once, and gives all back at the end', async () => {
    const terminal = watch(LOW);
    await expect.poll(() => terminal.frames().length, WAIT).toBeGreaterThan(5);
    terminal.key('q');
    expect(await terminal.ended).toBe(0);
    const text = terminal.text();
    expect(text.split('\u001B[2J')).toHaveLength(2);
    expect(text.split(ENTER)).toHaveLength(2);
    expect(text.split(LEAVE)).toHaveLength(2);
    expect(text.indexOf(LEAVE)).toBeGreaterThan(text.lastIndexOf('\u001B[H'));
    // What was seen last stays on the terminal as plain lines.
    expect(text.slice(text.indexOf(LEAVE))).toContain('orders-2026');
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('gives the terminal back at %s', async (signal) => {
    const terminal = watch(LOW);
    await showsMix(terminal);
    terminal.signal(signal);
    expect(await terminal.ended).toBe(0);
    expect(terminal.text()).toContain(LEAVE);
  });

  it('ends by SIGHUP when the terminal is closed, without an abort', async () => {
    const terminal = watch(LOW);
    await showsMix(terminal);
    terminal.hangUp();
    expect(await terminal.ended).toBe(-1);
  });

  it('gives the terminal back when the program crashes', async () => {
    const terminal = watch(LOW, {}, ['--import', CRASH]);
    expect(await terminal.ended).not.toBe(0);
    expect(terminal.text()).toContain(ENTER);
    expect(terminal.text().split(LEAVE)).toHaveLength(2);
  });

  it.each([
    ['Ctrl-Z', (terminal: PseudoTerminal) => terminal.key('\u001A')],
    ['SIGTSTP', (terminal: PseudoTerminal) => terminal.signal('SIGTSTP')],
  ])('gives the terminal back while %s stops it, and takes it again at SIGCONT', async (_what, stop) => {
    const terminal = watch(LOW);
    await showsMix(terminal);
    stop(terminal);
    await expect.poll(() => terminal.text().split(LEAVE).length, WAIT).toBe(2);
    const drawn = terminal.frames().length;
    terminal.signal('SIGCONT');
    await expect.poll(() => terminal.text().split(ENTER).length, WAIT).toBe(3);
    await expect.poll(() => terminal.frames().length, WAIT).toBeGreaterThan(drawn + 1);
    terminal.key('q');
    expect(await terminal.ended).toBe(0);
    expect(terminal.text().split(LEAVE)).toHaveLength(3);
  });

  it('follows a change of size', async () => {
    const terminal = watch(LOW);
    await showsMix(terminal);
    const before = terminal.frames().length;
    terminal.resize({ rows: 12, columns: 50 });
    await expect.poll(() => terminal.frames().length, WAIT).toBeGreaterThan(before + 2);
    const after = terminal.frames().slice(before + 1);
    expect(Math.max(...after.flatMap((lines) => lines.map((line) => [...line].length)))).toBeLessThanOrEqual(50);
    expect(Math.max(...after.map(({ length }) => length))).toBeLessThanOrEqual(12);
    terminal.key('q');
    expect(await terminal.ended).toBe(0);
  });

  it('is readable without colour', async () => {
    const terminal = watch(LOW, { NO_COLOR: '1', LC_ALL: 'C' });
    await showsMix(terminal);
    terminal.key('q');
    await terminal.ended;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a colour is one.
    expect(terminal.text()).not.toMatch(/\u001B\[\d+m/);
    expect(last(terminal)).toMatch(/mix +L+t+$/m);
  });

  it('goes on without the store and says what is unknown, and since when', async () => {
    const terminal = watch(LOW);
    await showsMix(terminal);
    await expect.poll(() => last(terminal), WAIT).toMatch(/store +appconfig, revision/);
    await fleet.emulator.close();
    await expect.poll(() => last(terminal), WAIT).toMatch(/store +unknown since \d\d:\d\d:\d\dZ \(\d+s\), last read/);
    expect(last(terminal)).toMatch(/drained +unknown: the flags cannot be read/);
    expect(last(terminal)).toMatch(/legacy +\d+%/);
    terminal.key('q');
    expect(await terminal.ended).toBe(0);
  });
});
