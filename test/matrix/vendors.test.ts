import type { SideOptions, ValidatorOptions } from '@crossfade/validator';
import { describe, expect, it } from 'vitest';
import { mintIdTokens } from './minted-vendor.ts';
import { DEMANDED, ELSEWHERE, optionsFor, ROLES, tokensOf, verdictsOf, withKeys } from './vendor-verdicts.ts';
import { VENDORS } from './vendors/vendors.ts';

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
