import type { CountedJudgement } from '../../src/collector.ts';

export const LEGACY = {
  outcome: 'accepted',
  audience: 'legacy',
  afterClose: 'rejected',
  clientId: 'web-app',
  issuedAt: 1_000,
  expiresAt: 2_000,
} as const satisfies CountedJudgement;

export const TARGET = { ...LEGACY, audience: 'target', afterClose: 'accepted' } as const;

export const EXPIRED = { outcome: 'rejected', audience: 'legacy', reason: 'expired' } as const;
