import { describe, expect, it } from 'vitest';
import { createEmulatorClock } from '../../src/store/clock.ts';

describe('the emulator clock', () => {
  it('follows its base and can be moved ahead of it', () => {
    let baseMs = 1000;
    const clock = createEmulatorClock(() => baseMs);
    clock.advance(500);
    baseMs = 2000;
    expect(clock.now()).toBe(2500);
  });

  it('stops while frozen, still advances when told to, and resumes without a jump', () => {
    let baseMs = 1000;
    const clock = createEmulatorClock(() => baseMs);
    clock.freeze();
    baseMs = 5000;
    expect(clock.now()).toBe(1000);
    clock.advance(10);
    clock.freeze();
    expect(clock.now()).toBe(1010);
    clock.resume();
    expect(clock.now()).toBe(1010);
    baseMs = 5001;
    clock.resume();
    expect(clock.now()).toBe(1011);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('rejects a move by %s ms', (durationMs) => {
    const clock = createEmulatorClock(() => 0);
    expect(() => clock.advance(durationMs)).toThrow(RangeError);
    expect(clock.now()).toBe(0);
  });
});
