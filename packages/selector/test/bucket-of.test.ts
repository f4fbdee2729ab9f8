import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BUCKETS, bucketOf, targetBuckets } from '../src/index.ts';

interface Vectors {
  readonly buckets: readonly { salt: string; key: string; bucket: number }[];
  readonly percents: readonly { percent: number; targetBuckets: number }[];
}
const vectors = JSON.parse(readFileSync(new URL('../bucketing.vectors.json', import.meta.url), 'utf8')) as Vectors;

/** Reads the hundredths of a percent from the digits of a decimal number. */
const hundredths = fc.integer({ min: 0, max: BUCKETS });

test.each(vectors.buckets)('published vector: $salt:$key is in bucket $bucket', ({ salt, key, bucket }) => {
  expect(bucketOf(salt, key)).toBe(bucket);
});

test.each(vectors.percents)('published vector: $percent % is $targetBuckets buckets', (vector) => {
  expect(targetBuckets(vector.percent)).toBe(vector.targetBuckets);
});

test('the vectors reach both ends of the range', () => {
  const buckets = vectors.buckets.map(({ bucket }) => bucket);
  expect([Math.min(...buckets), Math.max(...buckets)]).toEqual([0, BUCKETS - 1]);
});

test('any text has a bucket, and always the same one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (salt, key) => {
      const bucket = bucketOf(salt, key);
      expect(Number.isInteger(bucket) && bucket >= 0 && bucket < BUCKETS).toBe(true);
      expect(bucketOf(salt, key)).toBe(bucket);
    }),
  );
});

test('each percentage with two decimals gives its hundredths exactly, despite binary fractions', () => {
  for (let wanted = 0; wanted <= BUCKETS; wanted += 1)
    expect(targetBuckets(Number((wanted / 100).toFixed(2)))).toBe(wanted);
});

test('decimals beyond the second never add a bucket', () => {
  fc.assert(
    fc.property(hundredths, fc.integer({ min: 0, max: 999 }), (whole, thousandths) => {
      const digits = `${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, '0')}${String(thousandths).padStart(3, '0')}`;
      expect(targetBuckets(Number(digits))).toBe(whole);
    }),
  );
});

test('a higher percentage never gives fewer buckets', () => {
  const percent = fc.double({ min: -10, max: 110, noNaN: true });
  fc.assert(
    fc.property(percent, percent, (one, other) => {
      expect(targetBuckets(Math.min(one, other))).toBeLessThanOrEqual(targetBuckets(Math.max(one, other)));
    }),
  );
});

/** Pearson's statistic over equally likely cells. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** The 0.1 % critical value of chi-square, by Wilson and Hilferty. */
function critical(degrees: number): number {
  const spread = 2 / (9 * degrees);
  return degrees * (1 - spread + 3.09 * Math.sqrt(spread)) ** 3;
}

/** `npm run test:long` takes a million. */
const KEYS = Number(process.env['CROSSFADE_BUCKET_KEYS'] ?? 100_000);
const RISING = [0, 0.01, 1, 12.34, 25, 50, 75, 99.99, 100];

/** How much larger than its percentage a share of the keys may be, at five standard deviations. */
function tolerance(percent: number): number {
  const share = percent / 100;
  return 5 * Math.sqrt(KEYS * share * (1 - share));
}

test(`${KEYS} keys spread evenly over the buckets, and none goes back as the percentage rises`, () => {
  const counts = new Array<number>(BUCKETS).fill(0);
  for (let user = 0; user < KEYS; user += 1) {
    const bucket = bucketOf('orders-2026', `user-${user}`);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  const keysThat = (isMeant: (bucket: number) => boolean) =>
    counts.reduce((sum, count, bucket) => (isMeant(bucket) ? sum + count : sum), 0);
  const wentBack = RISING.slice(1).map((percent, step) =>
    keysThat((bucket) => bucket < targetBuckets(RISING[step] ?? 0) && bucket >= targetBuckets(percent)),
  );
  const statistic = chiSquare(counts);
  const limit = critical(BUCKETS - 1);
  process.stdout.write(
    `bucketing: chi-square ${statistic.toFixed(0)} over ${BUCKETS} buckets and ${KEYS} keys (0.1 % limit ${limit.toFixed(0)})\n`,
  );
  expect(statistic).toBeLessThan(limit);
  expect(new Set(wentBack)).toEqual(new Set([0]));
  for (const percent of RISING) {
    const targets = keysThat((bucket) => bucket < targetBuckets(percent));
    expect(Math.abs(targets - (KEYS * percent) / 100)).toBeLessThanOrEqual(tolerance(percent));
  }
}, 120_000);

test('another migration spreads the same keys evenly too', () => {
  const counts = new Array<number>(100).fill(0);
  for (let user = 0; user < 100_000; user += 1) {
    const cell = Math.floor(bucketOf('billing-2026', `user-${user}`) / 100);
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  expect(chiSquare(counts)).toBeLessThan(critical(99));
});

test('two migrations split the same keys independently', () => {
  const counts = [0, 0, 0, 0];
  for (let user = 0; user < 20_000; user += 1) {
    const half = (salt: string) => (bucketOf(salt, `user-${user}`) < BUCKETS / 2 ? 0 : 1);
    const cell = half('orders-2026') * 2 + half('billing-2026');
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  expect(chiSquare(counts)).toBeLessThan(critical(3));
});
