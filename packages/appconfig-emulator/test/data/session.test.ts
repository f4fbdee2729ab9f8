import { describe, expect, it } from 'vitest';
import { createSessions, type Session, type TokenCheck } from '../../src/data/session.ts';

const HOUR_MS = 3_600_000;
const place = { applicationId: 'a', environmentId: 'e', profileId: 'p', intervalSeconds: 15 };

function sessionOf(verdict: TokenCheck): Session {
  if ('problem' in verdict) throw new Error(verdict.problem);
  return verdict.session;
}

describe('session tokens', () => {
  it('are valid for one use after the interval: an earlier poll keeps them, a later one spends them', () => {
    let nowMs = 0;
    const sessions = createSessions(() => nowMs);
    const first = sessions.start(place);
    const second = sessions.next(sessionOf(sessions.open(first)));
    expect(sessions.open(first)).toEqual({ problem: 'Expired' });
    expect(sessions.open(second)).toEqual({ problem: 'PollIntervalNotSatisfied' });
    nowMs = 14_900;
    expect(sessions.open(second)).toEqual({ problem: 'PollIntervalNotSatisfied' });
    nowMs = 15_000;
    expect(sessionOf(sessions.open(second)).tokens).toBe(2);
  });

  it('expire after 24 hours', () => {
    let nowMs = 0;
    const sessions = createSessions(() => nowMs);
    const token = sessions.start(place);
    nowMs = 24 * HOUR_MS;
    expect(sessionOf(sessions.open(token)).id).toBe(1);
    nowMs += 1;
    expect(sessions.open(token)).toEqual({ problem: 'Expired' });
    sessions.start(place);
    expect(sessions.open(token)).toEqual({ problem: 'Expired' });
  });

  it('are corrupted when one character differs, when they are truncated, and when another emulator issued them', () => {
    const sessions = createSessions(() => 0);
    const token = sessions.start(place);
    const other = createSessions(() => 0).start(place);
    const changed = `${token[0] === 'A' ? 'B' : 'A'}${token.slice(1)}`;
    for (const bad of [changed, token.slice(0, -8), other, 'x', ' '])
      expect(sessions.open(bad)).toEqual({ problem: 'Corrupted' });
  });

  it('are corrupted after every session is dropped', () => {
    const sessions = createSessions(() => 0);
    const token = sessions.start(place);
    sessions.drop();
    expect(sessions.open(token)).toEqual({ problem: 'Corrupted' });
  });

  it('spread sessions evenly over a gradual deployment, and keep each in its bucket', () => {
    const sessions = createSessions(() => 0);
    const buckets = Array.from({ length: 2000 }, () => sessionOf(sessions.open(sessions.start(place))).bucket);
    const reached = buckets.filter((bucket) => bucket < 25).length;
    expect(reached).toBeGreaterThan(440);
    expect(reached).toBeLessThan(560);
    expect(Math.min(...buckets)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...buckets)).toBeLessThan(100);
  });
});
