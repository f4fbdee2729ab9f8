import { ConfigError, parsePlan } from '@crossfade/core';
import { createValidator, type SideOptions, type ValidatorOptions, validatorOptions } from '@crossfade/validator';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { KEYS, type MintedToken, mint, mintIdTokens } from './minted-vendor.ts';
import type { Vendor, VendorApi } from './vendors/vendor.ts';
import { VENDORS } from './vendors/vendors.ts';

const ROLES = ['legacy', 'target'] as const;
type Role = (typeof ROLES)[number];

/** The other side of each migration. No token here is addressed to it. */
const ELSEWHERE = 'https://api.example.com/elsewhere';
const DEMANDED = 'clients demanded';

const withKeys = (side: SideOptions): SideOptions => ({ ...side, keys: KEYS.jwks });

/** The options with an API as one side, and defaults for everything else. */
function optionsFor({ side }: VendorApi, role: Role, clients?: readonly string[]): ValidatorOptions {
  const [own, other] = [withKeys(side), withKeys({ issuer: side.issuer, audience: ELSEWHERE })];
  const [legacy, target] = role === 'legacy' ? [own, other] : [other, own];
  return { legacy, target, ...(clients !== undefined && { clients }) };
}

/** The verdict on each token, or that these options need the list of clients first. */
async function verdictsOf(options: ValidatorOptions, tokens: readonly MintedToken[]): Promise<readonly string[]> {
  const validator = orDemand(() => createValidator(options));
  if (validator === DEMANDED) return tokens.map(() => DEMANDED);
  const judgements = await Promise.all(tokens.map(({ token }) => validator.judge(token)));
  return judgements.map((judgement) =>
    judgement.outcome === 'accepted'
      ? `${judgement.audience} accepted, then ${judgement.afterClose}`
      : `${judgement.audience} ${judgement.reason}`,
  );
}

function orDemand<T>(create: () => T): T | typeof DEMANDED {
  try {
    return create();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.problems.map(({ path }) => path)).toEqual(['clients']);
    return DEMANDED;
  }
}

/** The same options, as an operator writes them into `crossfade.yaml`. */
function throughPlan(options: ValidatorOptions): ValidatorOptions {
  const plan = { version: 1, migration: 'vendors', flags: { source: 'file', path: 'flags.json' }, ...options };
  return validatorOptions(parsePlan(parse(stringify(plan))), {});
}

async function tokensOf(vendor: Vendor, apis = vendor.apis): Promise<readonly MintedToken[]> {
  return [
    ...(await Promise.all(apis.flatMap(({ access }) => access).map((token) => mint(vendor, token, 'access')))),
    ...(await mintIdTokens(vendor)),
    ...(await Promise.all((vendor.other ?? []).map((token) => mint(vendor, token, 'other')))),
  ];
}

const CASES = VENDORS.flatMap((vendor) =>
  vendor.apis.map((api) => ({ vendor, api, name: `${vendor.name}: ${api.name}` })),
);
const accepted = { legacy: 'legacy accepted, then rejected', target: 'target accepted, then accepted' };

describe.each(CASES)('$name', ({ vendor, api }) => {
  it.each(ROLES)('as %s, has its access tokens accepted and no other, with clients and without', async (role) => {
    const tokens = await tokensOf(vendor, [api]);

    for (const clients of [api.clients ?? vendor.clients, undefined]) {
      const verdicts = await verdictsOf(optionsFor(api, role, clients), tokens);
      for (const [index, { kind, name }] of tokens.entries()) {
        const verdict = verdicts[index];
        if (verdict === DEMANDED) continue;
        if (kind === 'access') expect(verdict, name).toBe(accepted[role]);
        else expect(verdict, name).not.toContain('accepted');
      }
    }
  });

  it.each(ROLES)('as %s, is judged alike by options and by the plan', async (role) => {
    const tokens = await tokensOf(vendor, [api]);

    for (const clients of [api.clients ?? vendor.clients, undefined]) {
      const options = optionsFor(api, role, clients);
      const direct = await verdictsOf(options, tokens);
      const planned = orDemand(() => throughPlan(options));
      expect(planned === DEMANDED ? tokens.map(() => DEMANDED) : await verdictsOf(planned, tokens)).toEqual(direct);
    }
  });
});

describe.each(VENDORS.filter(({ id }) => id.length > 0))(
  '$name, where the legacy audience is a client id',
  (vendor) => {
    const audience = vendor.clients;
    const side = (more: Partial<SideOptions> = {}) => {
      const issuer = [
        ...new Set([vendor.issuer, ...vendor.id.map(({ claims }) => String(claims['iss'] ?? vendor.issuer))]),
      ];
      return { legacy: withKeys({ issuer, audience, ...more }) };
    };

    it('has the list of clients demanded, because some ID tokens are like access tokens', async () => {
      expect(new Set(await verdictsOf(side(), await mintIdTokens(vendor)))).toEqual(new Set([DEMANDED]));
    });

    it.each<[string, Partial<SideOptions>, Partial<ValidatorOptions>]>([
      ['clients', {}, { clients: vendor.clients }],
      ['typ', { typ: 'at+jwt' }, {}],
      ['requiredScope', { requiredScope: ['orders:read'] }, {}],
    ])('has every ID token rejected with %s', async (_, more, options) => {
      const tokens = await mintIdTokens(vendor);
      const verdicts = await verdictsOf({ ...side(more), ...options }, tokens);

      expect(verdicts.filter((verdict) => !verdict.startsWith('legacy '))).toEqual([]);
      expect(tokens.filter((_token, index) => verdicts[index]?.includes('accepted'))).toEqual([]);
    });
  },
);

describe.each(VENDORS)('$name, where legacy takes any audience', (vendor) => {
  const issuer = [...new Set(vendor.apis.flatMap(({ side }) => side.issuer)), vendor.issuer];
  const options = {
    legacy: withKeys({ issuer, anyAudience: true, acknowledgeRisk: true }),
    target: withKeys({ issuer, audience: ELSEWHERE }),
    clients: vendor.clients,
  };

  it('has every access token accepted that is addressed to no client, or says what it is, and no ID token', async () => {
    const apis = vendor.apis.filter(({ name }) => vendor.name !== 'AD FS' || name !== 'API that is its own client');
    const tokens = await tokensOf(vendor, apis);
    const verdicts = await verdictsOf(options, tokens);

    for (const [index, { kind, name }] of tokens.entries()) {
      if (kind === 'access') expect(verdicts[index], name).toBe(accepted.legacy);
      else expect(verdicts[index], name).not.toContain('accepted');
    }
  });
});

it('vendor-matrix.txt shows the verdict on every token, on either side, with clients and without', async () => {
  const rows: string[][] = [['provider', 'side', 'kind', 'token', 'clients given', 'clients absent']];
  for (const { vendor, api, name } of CASES) {
    const tokens = await tokensOf(vendor, [api]);
    for (const role of ROLES) {
      const given = await verdictsOf(optionsFor(api, role, api.clients ?? vendor.clients), tokens);
      const absent = await verdictsOf(optionsFor(api, role), tokens);
      for (const [index, token] of tokens.entries()) {
        rows.push([name, role, token.kind, token.name, given[index] ?? '', absent[index] ?? '']);
      }
    }
  }

  await expect(tableOf(rows)).toMatchFileSnapshot('vendor-matrix.txt');
});

function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return `${rows.map((row) => line(row).trimEnd()).join('\n')}\n`;
}
