import { describe, expect, it } from 'vitest';
import { parsePlan, planJsonSchema } from '../../src/plan/plan-schema.ts';
import { ConfigError } from '../../src/vocabulary/error.ts';

const issuer = 'https://idp.example.com';
const minimal = {
  version: 1,
  migration: 'orders-2026',
  legacy: { issuer, audience: 'default-api' },
  target: { issuer, audience: 'https://api.example.com/orders' },
  clients: [],
  flags: { source: 'file', path: './flags.json' },
};

function problems(change: Record<string, unknown>): Record<string, string> {
  try {
    parsePlan({ ...minimal, ...change });
  } catch (error) {
    if (error instanceof ConfigError)
      return Object.fromEntries(error.problems.map(({ path, message }) => [path, message]));
    throw error;
  }
  return {};
}

describe('parsePlan', () => {
  it('fills in the defaults', () => {
    expect(parsePlan(minimal)).toMatchObject({
      legacy: { tokenLifetimeMs: 3_600_000, sessionLifetimeMs: 2_592_000_000, scope: '' },
      target: { sessionLifetimeMs: 0 },
      clients: [],
      clockToleranceMs: 60_000,
      steps: [1, 5, 25, 50, 100],
      gate: { silenceMs: 86_400_000, coverage: 0.99, blindMs: 300_000, soakMs: 3_600_000 },
    });
  });

  it('soaks a step for as long as a target token lives, unless gate.soak says otherwise', () => {
    const target = { ...minimal.target, tokenLifetime: '15m' };
    expect(parsePlan({ ...minimal, target }).gate.soakMs).toBe(900_000);
    expect(parsePlan({ ...minimal, target, gate: { soak: '2m' } }).gate.soakMs).toBe(120_000);
  });

  it('reads a sunset as a date, which begins in UTC, or as a time', () => {
    expect(parsePlan({ ...minimal, sunset: '2027-01-31' }).sunsetMs).toBe(Date.parse('2027-01-31T00:00:00Z'));
    expect(parsePlan({ ...minimal, sunset: '2027-01-31T12:00:00+01:00' }).sunsetMs).toBe(
      Date.parse('2027-01-31T11:00:00Z'),
    );
    expect(problems({ sunset: 'next year' })).toEqual({ sunset: expect.stringContaining('a date such as 2027-01-31') });
  });

  it.each([
    [[5, 1, 100], 'ascending percentages'],
    [[5, 50], 'ends with 100'],
    [[], 'ascending percentages'],
    [[0, 100], 'above 0'],
    [[0.125, 100], 'at most two decimals'],
    ['100', 'a list of'],
  ])('refuses the steps %j', (steps, message) => {
    expect(Object.values(problems({ steps })).join()).toContain(message);
  });

  it('takes steps of its own', () => expect(parsePlan({ ...minimal, steps: [100] }).steps).toEqual([100]));

  it('refuses a gap in the watch that is shorter than a late scrape', () => {
    expect(problems({ gate: { blind: '2m' } })).toEqual({ 'gate.blind': expect.stringContaining('at least 3m') });
  });

  it.each([
    [undefined, { flags: 'is required: a mapping with source: file, appconfig or agent' }],
    ['file', { flags: 'must be a mapping with source: file, appconfig or agent' }],
    [{ path: 'flags.json' }, { 'flags.source': 'is required: file, appconfig or agent' }],
    [{ source: 'appconfg' }, { 'flags.source': 'must be file, appconfig or agent' }],
  ])('says where the flags %j are wrong', (flags, found) => expect(problems({ flags })).toEqual(found));

  it('reads AppConfig and Agent sources, sides without aud, and the sidecar', () => {
    const location = { application: 'a', environment: 'e', profile: 'p' };
    expect(parsePlan({ ...minimal, flags: { source: 'appconfig', ...location, pollInterval: '60s' } }).flags).toEqual({
      source: 'appconfig',
      ...location,
      pollIntervalMs: 60_000,
    });
    expect(parsePlan({ ...minimal, flags: { source: 'agent', ...location } }).flags).toMatchObject({
      url: 'http://localhost:2772',
      pollIntervalMs: 15_000,
    });
    expect(parsePlan({ ...minimal, legacy: { issuer, clientIds: ['web'] } }).legacy.clientIds).toEqual(['web']);
    expect(parsePlan({ ...minimal, sidecar: { service: 's', upstream: 'http://127.0.0.1:3000' } }).sidecar).toEqual({
      service: 's',
      mode: 'proxy',
      judge: 'observe',
      listen: '127.0.0.1:8080',
      upstream: 'http://127.0.0.1:3000',
      admin: '127.0.0.1:9464',
    });
  });

  it('takes claim rules, and a plain http issuer on loopback', () => {
    const legacy = {
      issuer: 'http://127.0.0.1:4000',
      audience: 'x',
      claims: { tenant: ['a', 'b'], level: 2, staff: true },
    };
    expect(parsePlan({ ...minimal, legacy }).legacy.claims).toEqual(legacy.claims);
    expect(problems({ legacy: { ...legacy, issuer: 'http://[::1]:4000' } })).toEqual({});
  });

  it.each([
    ['http://idp.example.com', 'in the clear'],
    ['https://idp.example.com/?a=1', 'a query'],
    ['https://idp.example.com/#a', 'a fragment'],
    ['https://user@idp.example.com', 'a user'],
    ['idp.example.com', 'no scheme'],
  ])('refuses the issuer %s: %s', (wrong) => {
    expect(Object.keys(problems({ legacy: { issuer: wrong, audience: 'x' } }))).toEqual(['legacy.issuer']);
  });

  it('takes the claim of the roles by its name, dots and all, or by a path', () => {
    const withClaim = (rolesClaim: unknown) => ({ legacy: { ...minimal.legacy, rolesClaim } });
    for (const rolesClaim of ['https://example.com/roles', 'cognito:groups', ['realm_access', 'roles']]) {
      expect(parsePlan({ ...minimal, ...withClaim(rolesClaim) }).legacy.rolesClaim).toEqual(rolesClaim);
    }
    for (const wrong of ['', 'realm_access.roles', 'resource_access.api.roles', [], ['a', ''], 1, { claim: 'roles' }]) {
      const [[path, message] = [], ...more] = Object.entries(problems(withClaim(wrong)));
      expect(path).toMatch(/^legacy\.rolesClaim(\.1)?$/);
      expect(message).toBe('must be the name of a claim, or a list that leads to a nested one: [realm_access, roles]');
      expect(more).toEqual([]);
    }
  });

  it('reports every problem at once, with its path and what was expected', () => {
    const found = problems({
      version: 2,
      migration: 'Orders!',
      legacy: { issuer, tokenLifetime: 'soon', colour: 'red', claims: { a: null }, allowedClients: [] },
      target: undefined,
      clients: ['web', 3],
      clockTolerance: '6m',
      flags: { source: 'redis' },
      gate: { coverage: 2, prometheus: 'prometheus', sidecars: [] },
      sidecar: { service: 'a b', listen: '8080', admin: 'host:99999', judge: 'tap' },
    });
    expect(found).toMatchObject({
      version: 'must be 1',
      migration: 'must be 1 to 64 of a-z, 0-9 and -',
      'legacy.tokenLifetime': 'must be a duration such as 15s, 5m, 24h or 30d',
      'legacy.colour': 'is not a known setting: remove it',
      'legacy.audience': expect.stringContaining('is required'),
      target: expect.stringContaining('is required'),
      'clients.1': 'must be a client id',
      clockTolerance: expect.stringContaining('at most 5m'),
      'gate.coverage': 'must be a number above 0, up to 1',
      'gate.prometheus.url': 'must be an http or https URL',
      'sidecar.listen': expect.stringContaining('host:port'),
      'sidecar.admin': expect.stringContaining('host:port'),
      'sidecar.judge': 'must be observe or enforce',
      'sidecar.upstream': expect.stringContaining('is required in proxy mode'),
    });
  });

  it.each(['http://user:100%@p:9090', 'http://us%er@p:9090/?x=@', 'https://a:%ff@p'])(
    'refuses %s, whose credentials cannot be decoded where they are sent',
    (url) => {
      const message = 'must be an http or https URL with percent-encoded credentials: write % as %25, @ as %40';
      expect(problems({ gate: { prometheus: url } })).toEqual({ 'gate.prometheus.url': message });
      expect(problems({ gate: { sidecars: ['http://s:9464', url] } })).toEqual({ 'gate.sidecars.1': message });
      expect(problems({ gate: { prometheus: 'http://user:100%25@p/%' } })).toEqual({});
    },
  );

  it('refuses two sides with the same issuer and audience', () => {
    expect(problems({ target: minimal.legacy })).toHaveProperty(['target.audience']);
    expect(problems({ target: { ...minimal.legacy, issuer: 'https://new.example.com' } })).toEqual({});
  });

  it('refuses an audience together with client ids, and a gate with two sources of evidence', () => {
    expect(problems({ legacy: { issuer, audience: 'x', clientIds: ['web'] } })).toHaveProperty(['legacy.audience']);
    const gate = { prometheus: 'http://p:9090', sidecars: ['http://s:9464'] };
    expect(problems({ gate })).toHaveProperty(['gate.sidecars']);
  });

  it('holds the poll interval within the bounds of AppConfig', () => {
    const location = { source: 'appconfig', application: 'a', environment: 'e', profile: 'p' };
    expect(problems({ flags: { ...location, pollInterval: '14s' } })).toHaveProperty(['flags.pollInterval']);
    expect(problems({ flags: { ...location, pollInterval: '2d' } })).toHaveProperty(['flags.pollInterval']);
  });

  it('holds a resource to an absolute URI without a fragment', () => {
    expect(problems({ target: { ...minimal.target, resource: 'orders' } })).toHaveProperty(['target.resource']);
    expect(problems({ target: { ...minimal.target, resource: 'https://api.example.com/#x' } })).toHaveProperty([
      'target.resource',
    ]);
    expect(problems({ target: { ...minimal.target, resource: 'urn:example:orders' } })).toEqual({});
  });

  it('says what a plan is when it gets none', () => {
    expect(() => parsePlan(null)).toThrow(/must be a mapping with version/);
  });
});

describe('a side of the plan', () => {
  it('is called by its first issuer and audience, and lists the others', () => {
    const legacy = { issuer: [issuer, 'https://old.example.com', issuer], audience: ['api://orders', 'orders'] };
    expect(parsePlan({ ...minimal, legacy }).legacy).toMatchObject({
      issuer,
      issuers: [issuer, 'https://old.example.com'],
      audience: 'api://orders',
      audiences: ['api://orders', 'orders'],
    });
    expect(parsePlan(minimal).legacy).not.toHaveProperty('issuers');
    expect(parsePlan(minimal).legacy).not.toHaveProperty('audiences');
  });

  it('introspects with a secret from the environment', () => {
    const introspection = { clientId: 'orders-api', clientSecretEnv: 'ORDERS_SECRET' };
    const of = (more: object) =>
      problems({ legacy: { ...minimal.legacy, introspection: { ...introspection, ...more } } });
    expect(parsePlan({ ...minimal, legacy: { ...minimal.legacy, introspection } }).legacy.introspection).toEqual({
      ...introspection,
      authentication: 'client_secret_basic',
      response: 'json',
      impliesAudience: false,
      maxAgeSeconds: 30,
      timeoutMs: 5000,
    });
    expect(of({ clientSecret: 's3cret' })).toHaveProperty(['legacy.introspection.clientSecret']);
    expect(of({ clientSecretEnv: '$SECRET' })).toHaveProperty(['legacy.introspection.clientSecretEnv']);
    expect(of({ endpoint: 'http://idp.example.com' })).toHaveProperty(['legacy.introspection.endpoint']);
    expect(of({ endpoint: 'https://idp.example.com/#a' })).toHaveProperty(['legacy.introspection.endpoint']);
  });
});

describe('any audience', () => {
  const legacy = { issuer, anyAudience: true };
  const observing = { service: 's', upstream: 'http://127.0.0.1:3000' };
  const enforcing = { ...observing, judge: 'enforce' };

  it.each([
    ['while a sidecar observes', { sidecar: observing }, []],
    ['without a sidecar', {}, ['legacy.acknowledgeRisk']],
    ['while a sidecar enforces', { sidecar: enforcing }, ['legacy.acknowledgeRisk']],
    ['behind forward-auth', { sidecar: { service: 's', mode: 'forward-auth' } }, ['legacy.acknowledgeRisk']],
    ['with the word of the operator', { legacy: { ...legacy, acknowledgeRisk: true } }, []],
    [
      'with a token for upstream',
      { legacy: { ...legacy, acknowledgeRisk: true }, sidecar: { ...enforcing, upstreamToken: 'jwt' } },
      ['sidecar.upstreamToken', 'sidecar.exchange'],
    ],
  ])('%s', (_, change, paths) => expect(Object.keys(problems({ legacy, ...change }))).toEqual(paths));
});

describe('a JWT for the API', () => {
  const sidecar = { service: 's', upstream: 'http://127.0.0.1:3000', judge: 'enforce', upstreamToken: 'jwt' };
  const client = { clientId: 'gateway', clientSecretEnv: 'SECRET' };

  it('comes from token exchange, or from the introspection of a side', () => {
    const exchange = { endpoint: 'https://idp.example.com/token', ...client };
    const legacy = { issuer, audience: 'https://api.example.com/old', introspection: client };

    expect(Object.keys(problems({ sidecar }))).toEqual(['sidecar.exchange']);
    expect(problems({ sidecar: { ...sidecar, exchange } })).toEqual({});
    expect(problems({ sidecar, legacy })).toEqual({});
    expect(problems({ sidecar: { ...sidecar, upstreamToken: 'same' } })).toEqual({});
  });
});

describe('the rest of the plan', () => {
  it('acknowledges reasons of tokens that cannot be verified, and no other', () => {
    expect(problems({ gate: { acknowledged: ['malformed_token', 'inactive'] } })).toEqual({});
    expect(problems({ gate: { acknowledged: ['expired'] } })).toHaveProperty(['gate.acknowledged.0']);
  });

  it('holds the size of a token, and the place of revoked ones, to what they can be', () => {
    expect(problems({ maxTokenBytes: 20_000, revocation: { redis: 'redis://r:6379', by: 'jti' } })).toEqual({});
    expect(problems({ maxTokenBytes: 0 })).toHaveProperty(['maxTokenBytes']);
    expect(problems({ revocation: { redis: 'http://r', by: 'iss' } })).toMatchObject({
      'revocation.redis': expect.stringMatching(/^must be a URL such as rediss:/),
      'revocation.by': 'must be jti, sid or sub',
    });
  });
});

describe('planJsonSchema', () => {
  it('is what ships as crossfade.schema.json', async () => {
    await expect(`${JSON.stringify(planJsonSchema(), null, 2)}\n`).toMatchFileSnapshot('../../crossfade.schema.json');
  });
});
