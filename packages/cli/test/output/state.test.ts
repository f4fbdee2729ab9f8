import { type Acceptance, DEFAULT_FLAG_DOCUMENT, type DrainCheck, type DrainVerdict, parsePlan } from '@crossfade/core';
import { expect, test } from 'vitest';
import { stateOf } from '../../src/output/state.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const issuer = 'https://idp.example.com';
const plan = parsePlan({
  version: 1,
  migration: 'orders',
  legacy: { issuer, audience: 'default-api' },
  target: { issuer, audience: 'https://api.example.com' },
  clients: [],
  flags: { source: 'file', path: 'flags.json' },
  gate: { sidecars: ['http://127.0.0.1:9464'] },
});
const REFUSED: DrainCheck = { name: 'disagreements', verdict: 'fail', detail: 'id_token 3', passesAtMs: NOW + 1 };

/** The state at a share of logins, with one expected meter. */
function stateAt(
  percent: number,
  checks: readonly DrainCheck[] = [],
  { acceptance = 'both' as Acceptance, accepting = 1 } = {},
) {
  const drain: DrainVerdict = { verdict: checks.length === 0 ? 'pass' : 'fail', checks, earliestPassMs: null };
  const fleet = { expected: 1, responding: accepting, acceptingTarget: accepting, legacyHolds: [] };
  const issuance = { enabled: percent > 0, percent, revision: null, sinceMs: null };
  const document = { ...DEFAULT_FLAG_DOCUMENT, acceptance, issuance };
  const situation = { position: { acceptance, issuance }, nowMs: NOW, fleet, drain };
  return stateOf(document, situation, plan, NOW);
}

test('is prepare while an expected meter does not respond', () => {
  expect(stateAt(0, [], { accepting: 0 })).toMatchObject({
    phase: 'prepare',
    next: expect.stringContaining('bring the meters back'),
  });
  expect(stateAt(0)).toMatchObject({ phase: 'expand', next: 'start with 1% of logins: crossfade advance' });
});

test('names the step of the plan that advance takes without --to', () => {
  expect(stateAt(1).next).toBe('watch rejections, then go on to 5%: crossfade advance; or go back: crossfade rollback');
  expect(stateAt(7.5).next).toContain('go on to 25%');
  expect(stateAt(99).next).toContain('go on to 100%');
});

test.each([[0], [50], [100]])('at %d %% of logins, what comes next is to settle the disagreement', (percent) => {
  expect(stateAt(percent, [REFUSED]).next).toMatch(/^settle .*id_token 3/);
});

test('in a drain, waiting is advised only where it helps', () => {
  const silence: DrainCheck = { name: 'silence', verdict: 'fail', detail: 'seen 1h ago', passesAtMs: NOW + 1 };
  const blind: DrainCheck = {
    ...silence,
    name: 'target_traffic',
    verdict: 'inconclusive',
    passesAtMs: null,
    detail: 'idle',
  };
  expect(stateAt(100, [silence]).next).toMatch(/^wait/);
  expect(stateAt(100, [silence, blind]).next).toBe(
    'settle what waiting alone does not, then check again (crossfade gate): idle',
  );
  expect(stateAt(100).next).toContain('crossfade close');
});

test('after the close, an API that still takes legacy comes first', () => {
  expect(stateAt(100, [REFUSED], { acceptance: 'target' as never }).next).toContain('id_token 3');
  expect(stateAt(100, [], { acceptance: 'target' as never }).next).toContain('as a constant');
});

test.each([
  [50, '50% of logins still ask'],
  [99.99, '0.01% of logins still ask'],
  [0, 'every login still asks'],
])('says that clients are turned away where legacy is closed at %s%%, and how to let them in', (percent, who) => {
  for (const accepting of [1, 0])
    expect(stateAt(percent, [], { acceptance: 'target', accepting })).toMatchObject({
      phase: 'contract',
      reason: `the legacy audience is closed, and ${who} for legacy: APIs refuse the tokens that these get`,
      next: 'let legacy in again at once: crossfade reopen, or crossfade rollback for all logins',
    });
});
