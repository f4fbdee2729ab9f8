import { parseObservationPlanText } from '@crossfade/core/plan-file';
import { describe, expect, it } from 'vitest';
import type { CensusRow } from '../../src/fleet/census.ts';
import { proposedSettings, proposeLegacy, settingsYaml, spellingsOf } from '../../src/output/legacy-proposal.ts';

const IDP = 'https://idp.example.com';

function row(of: Partial<CensusRow> = {}): CensusRow {
  return {
    issuer: IDP,
    audiences: ['default-api'],
    clientId: 'web-app',
    kind: 'access',
    signature: 'unchecked',
    count: 10,
    maxBytes: 900,
    firstSeenMs: 0,
    lastSeenMs: 0,
    ...of,
  };
}

function proposed(...rows: CensusRow[]): Record<string, unknown> | undefined {
  const proposal = proposeLegacy(rows);
  return proposal && proposedSettings(proposal);
}

describe('the proposed legacy block', () => {
  it('has the issuer and the audience that come most often, and the clients of that issuer', () => {
    const settings = proposed(
      row({ count: 50, clientId: 'nightly' }),
      row({ count: 40 }),
      row({ audiences: ['https://other.example.com'], count: 3, clientId: null }),
      row({ issuer: 'https://elsewhere.example.com', count: 60, clientId: 'foreign' }),
      row({ kind: 'id', audiences: ['spa'], clientId: 'spa', count: 1 }),
    );
    expect(settings).toEqual({
      legacy: { issuer: IDP, audience: 'default-api' },
      clients: ['nightly', 'spa', 'web-app'],
    });
  });

  it('lists the other candidates, the most frequent first', () => {
    const { candidates } = proposeLegacy([
      row(),
      row({ audiences: ['second'], count: 5 }),
      row({ issuer: 'https://elsewhere.example.com', count: 7 }),
    ]) ?? { candidates: [] };
    expect(candidates.map(({ issuer, identity, count }) => [issuer, identity, count])).toEqual([
      [IDP, { audience: 'default-api' }, 10],
      ['https://elsewhere.example.com', { audience: 'default-api' }, 7],
      [IDP, { audience: 'second' }, 5],
    ]);
  });

  it.each([
    ['Auth0', `${IDP}/userinfo`],
    ['Keycloak', 'account'],
  ])('leaves out the audience that %s adds to every token', (_, companion) => {
    expect(proposeLegacy([row({ audiences: [companion, 'default-api'], count: 99 })])?.candidates).toEqual([
      { issuer: IDP, identity: { audience: 'default-api' }, count: 99 },
    ]);
    expect(proposed(row({ audiences: [companion] }))).toMatchObject({ legacy: { audience: companion } });
  });

  it('knows tokens without aud by being without, or at Cognito by their clients', () => {
    expect(proposed(row({ audiences: [] }), row({ audiences: [''] }))).toMatchObject({
      legacy: { issuer: IDP, withoutAudience: true },
    });
    const pool = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc';
    expect(
      proposed(
        row({ issuer: pool, audiences: [], clientId: 'b' }),
        row({ issuer: pool, audiences: [], clientId: 'a' }),
      ),
    ).toEqual({
      legacy: { issuer: pool, clientIds: ['a', 'b'] },
      clients: ['a', 'b'],
    });
    expect(proposed(row({ issuer: pool, audiences: [], clientId: null }))).toMatchObject({
      legacy: { withoutAudience: true },
    });
  });

  it('takes no ID token, no other token, and no name that was cut off', () => {
    for (const kind of ['id', 'other', 'opaque', 'malformed', 'none', 'rest', 'newer'])
      expect(proposed(row({ kind }))).toBeUndefined();
    expect(
      proposed(row({ issuer: null }), row({ issuer: '' }), row({ issuer: `https://${'x'.repeat(200)}…` })),
    ).toBeUndefined();
    expect(proposed(row({ audiences: ['cut…'] }))).toBeUndefined();
    expect(proposed(row({ clientId: 'cut…' }))).toMatchObject({ clients: [] });
  });

  it('leaves out names that no plan takes: anyone can have made them up', () => {
    for (const name of ['*', '{tenantid}', 'undefined', 'null', ' spaced '])
      expect(proposed(row({ clientId: name }), row({ audiences: [name], clientId: null, count: 99 }))).toEqual({
        legacy: { issuer: IDP, audience: 'default-api' },
        clients: [],
      });
  });

  it('has a larger limit only if a longer token arrived', () => {
    expect(proposed(row({ maxBytes: 16_384 }))).not.toHaveProperty('maxTokenBytes');
    expect(proposed(row({ maxBytes: 17_000 }))).toMatchObject({ maxTokenBytes: 24_576 });
  });

  it.each([
    ['a slash after the audience', { audiences: ['default-api/'] }],
    ['a slash after the issuer', { issuer: `${IDP}/` }],
    ['an App ID URI', { audiences: ['api://default-api'] }],
  ])('knows another spelling by %s', (_, other) => {
    const proposal = proposeLegacy([row(), row({ ...other, count: 2 }), row({ audiences: ['else'], count: 1 })]);
    expect(proposal && spellingsOf(proposal)).toMatchObject([{ count: 2 }]);
  });

  it.each([
    'default-api',
    'https://api.example.com/orders',
    'api://0f8fad5b-d9cb-469f-a165-70867728950e',
    'true',
    '123',
    '1e3',
    '0x1F',
    'a: b # c',
    '- x',
    "it's",
    '"quoted" \\ back',
    '&anchor',
    '!tag',
    '@at',
    '`tick`',
    'über',
  ])('is YAML that the plan reads back: %s', (name) => {
    const settings = { legacy: { issuer: IDP, audience: name }, clients: [name, 'web-app'] };
    const plan = parseObservationPlanText(
      `version: 1\nmigration: m\nflags: { source: file, path: f.json }\nsidecar: { service: s, upstream: "http://127.0.0.1" }\n${settingsYaml(settings)}`,
    );
    expect(plan).toMatchObject({ legacy: { issuer: IDP, audience: name }, clients: [name, 'web-app'] });
  });
});
