import fc from 'fast-check';
import { expect, it } from 'vitest';
import { brownoutBucket, isInBrownout } from '../../src/vocabulary/brownout-bucket.ts';
import { bucketOf } from '../../src/vocabulary/bucket-of.ts';

const percent = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);

it('buckets clients by the published bucketing, with the salt that other languages use', () => {
  expect(brownoutBucket('nightly-batch')).toBe(bucketOf('brownout', 'nightly-batch'));
  expect(brownoutBucket('web-app')).toMatchInlineSnapshot(`5293`);
});

it('is sticky, and a larger share keeps every client of a smaller one', () => {
  fc.assert(
    fc.property(fc.string(), percent, percent, (clientId, one, other) => {
      const [smaller, larger] = [Math.min(one, other), Math.max(one, other)];
      const wasIn = isInBrownout(clientId, smaller);
      expect(isInBrownout(clientId, smaller)).toBe(wasIn);
      if (wasIn) expect(isInBrownout(clientId, larger)).toBe(true);
    }),
  );
});

it('concerns no client at 0 %, and every client at 100 %', () => {
  fc.assert(
    fc.property(fc.string(), (clientId) => {
      expect([isInBrownout(clientId, 0), isInBrownout(clientId, 100)]).toEqual([false, true]);
    }),
  );
});

it('concerns about its share of many clients', () => {
  const clients = Array.from({ length: 20_000 }, (_, index) => `client-${index}`);
  const share = clients.filter((clientId) => isInBrownout(clientId, 2)).length / clients.length;
  expect(share).toBeGreaterThan(0.016);
  expect(share).toBeLessThan(0.024);
});
