import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLedger } from '../../src/ledger/ledger.ts';
import { createView } from '../../src/output/view.ts';

const UP = '\u001B[1A\u001B[2K';

function setUp(terminal: { isTTY?: boolean; columns?: number }) {
  const written: string[] = [];
  const screen = { ...terminal, write: (text: string) => written.push(text) };
  const view = createView({ screen, colour: 'plain', now: Date.now });
  return { view, ledger: createLedger(), written, text: () => written.join('') };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a view on a terminal', () => {
  it('redraws the frame in place while traffic flows', () => {
    const { view, ledger, written } = setUp({ isTTY: true, columns: 80 });
    view.watch(ledger);
    vi.advanceTimersByTime(250);
    expect(written.at(-1)).toContain('0 requests');
    ledger.record({ outcome: 'accepted', side: 'legacy' });
    vi.advanceTimersByTime(250);
    expect(written.at(-2)).toBe(UP.repeat(4));
    expect(written.at(-1)).toContain('1 requests');
  });

  it('keeps printed lines above the frame', () => {
    const { view, ledger, written } = setUp({ isTTY: true, columns: 80 });
    view.watch(ledger);
    view.print('first');
    const before = written.length;
    view.print('second');
    expect(written.slice(before, before + 2)).toEqual([UP.repeat(4), 'second\n']);
  });

  it('leaves the last frame in place, and draws no more', () => {
    const { view, ledger, written } = setUp({ isTTY: true, columns: 80 });
    view.watch(ledger);
    view.phase('drain');
    view.end();
    const before = written.length;
    vi.advanceTimersByTime(10_000);
    view.print('done');
    expect(written.slice(before).join('')).toBe('done\n');
  });

  it('shows when the gate can pass', () => {
    const { view, ledger, text } = setUp({ isTTY: true });
    view.watch(ledger);
    view.drainsAt(Date.now() + 9000);
    vi.advanceTimersByTime(1000);
    expect(text()).toContain('gate may pass in 8s');
  });
});

describe('a view without a terminal', () => {
  it('prints plain lines only: steps, phases, and a summary every few seconds', () => {
    const { view, ledger, text } = setUp({});
    view.step('10% of the logins ask for the target audience');
    view.watch(ledger);
    ledger.record({ outcome: 'accepted', side: 'legacy' });
    view.phase('migrate');
    view.phase('migrate');
    vi.advanceTimersByTime(5000);
    expect(text()).toBe(
      '\n10% of the logins ask for the target audience\n' +
        'phase migrate (1 requests, 0 rejected so far)\n' +
        'migrate · no traffic · 1 requests · 0 rejected · 0 unavailable · 5s\n',
    );
    expect(text()).not.toContain('\u001B');
  });
});
