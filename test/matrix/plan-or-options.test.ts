import { parsePlan } from '@crossfade/core';
import { type SideOptions, type ValidatorOptions, validatorOptions } from '@crossfade/validator';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { MintedToken } from './minted-vendor.ts';
import { createParties, ISSUERS } from './parties.ts';
import {
  DEMANDED,
  ELSEWHERE,
  judgementsOf,
  optionsFor,
  orDemand,
  ROLES,
  tokensOf,
  withKeys,
} from './vendor-verdicts.ts';
import { VENDORS } from './vendors/vendors.ts';

/** What an operator may add to a side, besides what it is known by. */
const POLICIES: readonly Partial<SideOptions>[] = [
  {},
  { typ: 'at+jwt' },
  { algorithms: ['ES256'] },
  { requiredScope: ['openid'] },
  { allowedClients: ['web-app', 'my_client_id'] },
  { claims: { typ: 'Bearer' } },
  { rolesClaim: ['realm_access', 'roles'] },
  { senderConstrained: 'any' },
];
const FOREIGN: readonly Partial<SideOptions>[] = [
  { foreignAudiences: 'refuse' },
  { foreignAudiences: ['account', 'https://my-domain.auth0.com/userinfo'] },
];

/** Judges by the options, and by the same ones as an operator writes them into `crossfade.yaml`. */
async function expectAlike(options: ValidatorOptions, tokens: readonly MintedToken[]): Promise<void> {
  const plan = { version: 1, migration: 'vendors', flags: { source: 'file', path: 'flags.json' }, ...options };
  const planned = orDemand(() => validatorOptions(parsePlan(parse(stringify(plan))), {}));
  const [direct, byPlan] = [
    await judgementsOf(options, tokens),
    planned === DEMANDED ? planned : await judgementsOf(planned, tokens),
  ];

  expect(byPlan).toEqual(direct);
  // What the meter learns of a rejected token is not enumerable, so the comparison above does not see it.
  const learnt = (judged: typeof direct) =>
    judged === DEMANDED ? judged : judged.map((judgement) => 'token' in judgement && judgement.token);
  expect(learnt(byPlan)).toEqual(learnt(direct));
}

describe.each(
  VENDORS.flatMap((vendor) => vendor.apis.map((api) => ({ vendor, api, name: `${vendor.name}: ${api.name}` }))),
)('tokens of $name', ({ vendor, api }) => {
  const policies = api.side.audience === undefined ? POLICIES : [...POLICIES, ...FOREIGN];

  it.each(ROLES)('are judged alike by options and by the plan with the API as %s, under any policy', async (role) => {
    const tokens = await tokensOf(vendor, [api]);

    for (const policy of policies) {
      for (const clients of [api.clients ?? vendor.clients, [], undefined]) {
        await expectAlike(optionsFor({ ...api, side: { ...api.side, ...policy } }, role, clients), tokens);
      }
    }
  });
});

it.each(VENDORS)('tokens of $name are judged alike where legacy takes any audience', async (vendor) => {
  const side = { issuer: vendor.issuer };
  await expectAlike(
    {
      legacy: withKeys({ ...side, anyAudience: true, acknowledgeRisk: true }),
      target: withKeys({ ...side, audience: ELSEWHERE }),
      clients: vendor.clients,
      clockTolerance: '5m',
      maxTokenBytes: 2048,
    },
    await tokensOf(vendor),
  );
});

it.each(ISSUERS)('tokens of every class are judged alike, with %s', async (issuers) => {
  const { legacy, target, tokens } = await createParties(issuers);
  const named = Object.entries(tokens).map(([name, token]) => ({ name, token: token ?? '', kind: 'access' }) as const);

  await expectAlike({ legacy, target, clients: ['web-app'] }, named);
});
