import { parseObservationPlanText } from '@crossfade/core/plan-file';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CensusRow } from '../../src/fleet/census.ts';
import {
  proposalYaml,
  proposedSettings,
  proposeLegacy,
  refusedIssuers,
  settingsYaml,
  spellingsOf,
} from '../../src/output/legacy-proposal.ts';

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

  it('proposes the audience that comes alone, even if others come with it', () => {
    const rows = [
      row({ audiences: ['account'], count: 5 }),
      row({ audiences: ['account', 'broker'], count: 3 }),
      row({ audiences: ['account', 'realm-management'], count: 2 }),
    ];
    const { candidates } = proposeLegacy(rows) ?? { candidates: [] };
    expect(candidates[0]).toEqual({ issuer: IDP, identity: { audience: 'account' }, count: 10 });
    expect(candidates.map(({ identity }) => identity)).toContainEqual({ audience: 'broker' });
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
    expect(proposed(row({ clientId: 'cut…' }))).toEqual({ legacy: { issuer: IDP, audience: 'default-api' } });
  });

  it('leaves out names that no plan takes: anyone can have made them up', () => {
    for (const name of ['*', '{tenantid}', 'undefined', 'null', ' spaced '])
      expect(proposed(row({ clientId: name }), row({ audiences: [name], clientId: null, count: 99 }))).toEqual({
        legacy: { issuer: IDP, audience: 'default-api' },
      });
  });

  it.each([
    ['no client', { audiences: ['web-app'], clientId: null }],
    ['an empty client id', { audiences: ['web-app'], clientId: '' }],
    ['no client, as one of several kinds', { kind: 'id', audiences: ['spa'], clientId: null }],
    ['no client, next to a URI', { audiences: ['https://api.example.com', 'web-app'], clientId: null }],
    ['more clients than a sidecar lists', { kind: 'rest', audiences: [], clientId: null }],
  ])('has no clients while tokens arrive with %s: a part of them would pass for all', (_, other) => {
    const settings = proposed(row({ count: 50 }), row(other));
    expect(settings).toEqual({ legacy: { issuer: IDP, audience: 'default-api' } });
  });

  it('has the clients that are known where an audience is a URI and no client id', () => {
    const api = ['https://api.example.com'];
    expect(proposed(row({ audiences: api, clientId: null }))).toEqual({ legacy: { issuer: IDP, audience: api[0] } });
    expect(proposed(row({ audiences: api, clientId: null }), row({ audiences: api }))).toMatchObject({
      clients: ['web-app'],
    });
  });

  it('says in a comment of the YAML what to list as clients', () => {
    const yamlOf = (clientId: string | null) => {
      const proposal = proposeLegacy([row({ clientId })]);
      return proposal && proposalYaml(proposal);
    };
    expect(yamlOf(null)).toMatch(/^# clients: list the client ids of this issuer, or \[\] if no audience is one/m);
    expect(yamlOf('web-app')).not.toContain('#');
  });

  it.each([
    'https://x", clients: [evil]',
    'https://idp.example.com?tenant=a',
    'https://idp.example.com#a',
    'https://user:pass@idp.example.com',
    'http://idp.example.com',
    'https://idp.example.com/{tenantid}',
    'https://*.example.com',
    'acme.com',
    'urn:acme',
  ])('has no issuer that no plan takes, however often it comes: %s', (issuer) => {
    const forged = row({ issuer, count: 9_999 });
    expect(proposeLegacy([forged, row()])?.candidates).toHaveLength(1);
    expect(proposed(forged, row())).toMatchObject({ legacy: { issuer: IDP } });
    expect(proposed(forged)).toBeUndefined();
    expect(refusedIssuers([row(), forged, row({ issuer, count: 1 }), row({ issuer: 'other', kind: 'id' })])).toEqual([
      { issuer, count: 10_000 },
    ]);
  });

  it('takes plain http on loopback for an issuer', () => {
    expect(proposed(row({ issuer: 'http://127.0.0.1:4000' }))).toMatchObject({
      legacy: { issuer: 'http://127.0.0.1:4000' },
    });
  });

  it('has what verified tokens say before what anyone can have made up', () => {
    const forged = { count: 9_999, clientId: 'default-api' };
    const verified = row({ signature: 'verified', count: 1 });
    const elsewhere = row({ ...forged, issuer: 'https://forged.example.com' });
    expect(proposed(elsewhere, row({ ...forged, audiences: ['forged'] }), verified)).toEqual({
      legacy: { issuer: IDP, audience: 'default-api' },
      clients: ['web-app'],
    });
  });

  it('is not the target side that the plan has', () => {
    const target = { issuer: IDP, audience: 'https://api.example.com', keys: 'https://idp.example.com/jwks' };
    const rows = [row({ audiences: ['https://api.example.com'], count: 99, signature: 'verified' }), row()];
    const propose = (...given: CensusRow[]) => proposeLegacy(given, target)?.candidates.map(({ identity }) => identity);
    expect(propose(...rows)).toEqual([{ audience: 'default-api' }]);
    expect(propose(...rows.slice(0, 1))).toBeUndefined();
    expect(propose(row({ audiences: ['https://api.example.com'], issuer: 'https://old.example.com' }))).toHaveLength(1);
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

  const HEAD =
    'version: 1\nmigration: m\nflags: { source: file, path: f.json }\nsidecar: { service: s, upstream: "http://127.0.0.1" }\n';
  const HOSTILE = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string(),
    fc.constantFrom(
      ...['https://x", clients: [evil]', "https://x'", 'https://x\nclients: []', 'https://x]', 'https://x # y'],
      ...[IDP, `${IDP}/`, 'http://localhost:1', 'https://x/\u2028', 'https://x/\u{1f600}', '\ud800', 'a\u0085b'],
      ...[
        'default-api',
        'https://api.example.com',
        '*',
        '{t}',
        '',
        'null',
        '~',
        '- a',
        '? a',
        'a: b',
        '#',
        '…',
        '!!str a',
      ],
      ...[
        'https://cognito-idp.eu-west-1.amazonaws.com/a',
        '0x10',
        '1_000',
        '.inf',
        '2001-01-01',
        '<<',
        '%TAG',
        '|',
        '>',
      ],
    ),
    fc.string({ unit: 'binary' }).map((path) => `https://idp.example.com/${path}`),
  );
  const ROWS = fc.array(
    fc
      .record({
        issuer: fc.option(HOSTILE),
        audiences: fc.array(HOSTILE, { maxLength: 3 }),
        clientId: fc.option(HOSTILE),
        kind: fc.constantFrom('access', 'unmarked', 'id', 'rest', 'opaque'),
        signature: fc.constantFrom('unchecked', 'verified'),
        count: fc.nat(),
        maxBytes: fc.nat(2_000_000),
      })
      .map(row),
    { maxLength: 6 },
  );

  it('is always one that a plan takes, and reads back as it is, once the clients are listed', () => {
    fc.assert(
      fc.property(ROWS, (rows) => {
        const proposal = proposeLegacy(rows);
        if (proposal === undefined) return;
        const { clients = [], ...settings } = proposedSettings(proposal);
        const listed = proposal.clients === undefined ? 'clients: []\n' : '';
        const plan = parseObservationPlanText(`${HEAD}${proposalYaml(proposal)}${listed}`);
        expect(plan).toMatchObject({ ...settings, clients });
        expect(Object.keys(plan.legacy ?? {})).not.toContain('keys');
      }),
      { numRuns: 1_000 },
    );
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
