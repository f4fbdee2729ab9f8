import { expect, test } from 'vitest';
import { CENSUS_KINDS, type Census, censusSchema } from '../../src/status/census.ts';

const census: Census = {
  rows: [
    {
      issuer: 'https://idp.example.com',
      audiences: ['default-api'],
      clientId: null,
      kind: 'access',
      signature: 'unchecked',
      count: 3,
      maxBytes: 900,
      firstSeenAt: '2026-07-01T00:00:00.000Z',
      lastSeenAt: null,
    },
  ],
  truncated: false,
};

test('a census is read with its times in ms', () => {
  const { rows, truncated } = censusSchema.parse({ ...census, later: true });
  expect(truncated).toBe(false);
  expect(rows[0]).toMatchObject({ count: 3, firstSeenAt: Date.UTC(2026, 6, 1), lastSeenAt: null });
});

test('a kind that a newer sidecar knows is read', () => {
  const [row] = census.rows;
  expect(CENSUS_KINDS).not.toContain('newer');
  expect(censusSchema.parse({ ...census, rows: [{ ...row, kind: 'newer' }] }).rows[0]?.kind).toBe('newer');
});
