import { derivePhase, type Judgement, PHASES, type Phase, parseFlagDocument } from '@crossfade/core';
import { createValidator } from '@crossfade/validator';
import { crossfade } from '@crossfade/validator/fastify';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createParties, ISSUERS, type Issuers, type Parties, type TokenName } from './parties.ts';

/** The flags of each phase; in `prepare` there are none, and the API has no target side. */
const FLAGS: Readonly<Record<Phase, string>> = {
  prepare: '{}',
  expand: '{ "issue-target": { "enabled": false }, "accept-legacy": { "enabled": true } }',
  migrate: '{ "issue-target": { "enabled": true, "percent": 50 }, "accept-legacy": { "enabled": true } }',
  drain: '{ "issue-target": { "enabled": true, "percent": 100 }, "accept-legacy": { "enabled": true } }',
  contract: '{ "issue-target": { "enabled": true, "percent": 100 }, "accept-legacy": { "enabled": false } }',
};

/**
 * `class lasting|ending|<reason> status`: an accepted token is `lasting` if it is still accepted after the close, else
 * `ending`. One column per position of the API: no target side, both audiences, legacy closed.
 */
const POSITIONS = ['prepare', 'both', 'closed'] as const;
type Row = readonly [prepare: string, both: string, closed: string];

const same = (verdict: string): Row => [verdict, verdict, verdict];

const MATRIX: Readonly<Record<Issuers, Readonly<Record<TokenName, Row>>>> = {
  'same issuer': {
    legacy: ['legacy ending 200', 'legacy ending 200', 'legacy legacy_closed 401'],
    target: ['foreign wrong_audience 401', 'target lasting 200', 'target lasting 200'],
    bridge: ['legacy ending 200', 'bridge lasting 200', 'bridge lasting 200'],
    foreign: same('foreign wrong_audience 401'),
    opaque: same('opaque malformed_token 401'),
    invalid: same('invalid malformed_token 401'),
    none: same('none missing_token 401'),
    borrowed: ['legacy ending 200', 'legacy ending 200', 'legacy legacy_closed 401'],
    forged: same('invalid bad_signature 401'),
  },
  'two issuers': {
    legacy: ['legacy ending 200', 'legacy ending 200', 'legacy legacy_closed 401'],
    target: ['invalid wrong_issuer 401', 'target lasting 200', 'target lasting 200'],
    // An issuer cannot sign for the other's audience: adding it to `aud` does not make a bridge.
    bridge: ['legacy ending 200', 'legacy ending 200', 'legacy legacy_closed 401'],
    foreign: same('foreign wrong_audience 401'),
    opaque: same('opaque malformed_token 401'),
    invalid: same('invalid malformed_token 401'),
    none: same('none missing_token 401'),
    borrowed: ['invalid wrong_issuer 401', 'foreign wrong_audience 401', 'foreign wrong_audience 401'],
    forged: same('invalid bad_signature 401'),
  },
};

describe.each(ISSUERS)('with %s', (issuers) => {
  describe.each(PHASES)('in phase %s', (phase) => {
    let parties: Parties;
    let app: FastifyInstance;
    let judgement: Judgement | undefined;
    let reached: Phase;
    const column = phase === 'prepare' ? 'prepare' : phase === 'contract' ? 'closed' : 'both';

    beforeAll(async () => {
      parties = await createParties(issuers);
      const flags = parseFlagDocument(FLAGS[phase]);
      if (!flags.ok) throw new Error('the flags of this phase are broken');
      const { acceptance, issuance } = flags.document;
      const { legacy, target } = parties;
      const sides = phase === 'prepare' ? { legacy } : { legacy, target };
      const validator = createValidator({ ...sides, clients: ['web-app'], acceptance: () => acceptance });
      reached = derivePhase(validator.acceptance(), issuance);
      app = Fastify();
      await app.register(crossfade, {
        validator,
        onJudgement: (judged) => {
          judgement = judged;
        },
      });
      app.get('/orders', () => ({}));
    });

    afterAll(() => app.close());

    it('derives the phase from the switches', () => {
      expect(reached).toBe(phase);
    });

    it.each(Object.entries(MATRIX[issuers]))('judges a token that is %s: %j', async (name, row) => {
      const token = parties.tokens[name as TokenName];
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      for (const attempt of ['first', 'remembered']) {
        judgement = undefined;
        const response = await app.inject({ url: '/orders', headers });
        expect(`${verdictOf(judgement)} ${response.statusCode}`, attempt).toBe(row[POSITIONS.indexOf(column)]);
        expect(response.headers['www-authenticate'], attempt).toEqual(challengeFor(judgement));
      }
    });
  });
});

function verdictOf(judgement: Judgement | undefined): string {
  if (judgement === undefined) return 'unjudged';
  if (judgement.outcome === 'rejected') return `${judgement.audience} ${judgement.reason}`;
  return `${judgement.audience} ${judgement.afterClose === 'accepted' ? 'lasting' : 'ending'}`;
}

function challengeFor(judgement: Judgement | undefined): unknown {
  if (judgement?.outcome !== 'rejected') return undefined;
  return judgement.reason === 'missing_token' ? 'Bearer' : expect.stringMatching(/^Bearer error="invalid_token"/);
}
