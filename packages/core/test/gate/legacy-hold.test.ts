import { expect, it } from 'vitest';
import { type LegacySighting, legacyHold } from '../../src/index.ts';

const MINUTE = 60_000;
const REOPENED = 100 * MINUTE;
const never = { acceptedMs: null, unauthorizedMs: null };

function hold(seen: Partial<LegacySighting>, agoMs: number) {
  const sighting = { meter: 'one', responses: never, commanded: undefined, isLive: true, ...seen };
  const nowMs = REOPENED + agoMs;
  return legacyHold(sighting, { reopenedMs: REOPENED, flagsTakeMs: MINUTE, silenceMs: 60 * MINUTE, nowMs });
}

it('is none for an instance that shows nothing: unknown is not closed', () => {
  expect(hold({}, 0)).toBeUndefined();
  expect(hold({ isLive: false }, 0)).toBeUndefined();
});

it('is none for an instance that accepts legacy', () => {
  expect(hold({ commanded: true }, 0)).toBeUndefined();
  expect(hold({ responses: { acceptedMs: REOPENED + 1, unauthorizedMs: REOPENED } }, 2)).toBeUndefined();
});

it('is none for an instance that accepted legacy after it had last refused it, before the reopening', () => {
  expect(hold({ responses: { acceptedMs: 2, unauthorizedMs: 1 } }, 0)).toBeUndefined();
});

it('lasts while the process that judges refuses legacy, however long that is', () => {
  expect(hold({ commanded: false }, 0)).toMatchObject({ meter: 'one', untilMs: null });
  expect(hold({ commanded: false }, 100 * MINUTE)).toMatchObject({ untilMs: null });
});

it('lasts for as long as the flags may take after a refusal before the reopening', () => {
  const responses = { acceptedMs: null, unauthorizedMs: REOPENED - MINUTE };
  expect(hold({ responses }, 0)).toMatchObject({
    why: expect.stringContaining('was closed'),
    untilMs: REOPENED + MINUTE,
  });
  expect(hold({ responses }, MINUTE)).toBeUndefined();
});

it('lasts for as long as the flags may take after a refusal that came after the reopening', () => {
  const responses = { acceptedMs: REOPENED - 1, unauthorizedMs: REOPENED + MINUTE };
  expect(hold({ responses }, MINUTE)).toMatchObject({
    why: 'its API refused a legacy token after the reopening',
    untilMs: REOPENED + 2 * MINUTE,
  });
  expect(hold({ responses }, 2 * MINUTE)).toBeUndefined();
});

it('lasts for as long as the flags may take for a silent instance that was last seen closed', () => {
  expect(hold({ commanded: false, isLive: false }, 0)).toMatchObject({ untilMs: REOPENED + MINUTE });
  expect(hold({ commanded: false, isLive: false }, MINUTE)).toBeUndefined();
  const responses = { acceptedMs: 1, unauthorizedMs: 2 };
  expect(hold({ responses, isLive: false }, 0)).toMatchObject({ untilMs: REOPENED + MINUTE });
});

it('counts the silence of an instance that was seen closed after the reopening from then', () => {
  const seen = { commanded: false, isLive: false, seenMs: REOPENED + 10 * MINUTE };
  expect(hold(seen, 11 * MINUTE - 1)).toMatchObject({ untilMs: REOPENED + 11 * MINUTE });
  expect(hold(seen, 11 * MINUTE)).toBeUndefined();
});

it('takes the word of a silent instance for its last one: that it let legacy in holds nothing', () => {
  expect(hold({ commanded: true, isLive: false }, 0)).toBeUndefined();
});
