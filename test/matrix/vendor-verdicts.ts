import { ConfigError, type Judgement } from '@crossfade/core';
import { createValidator, type SideOptions, type ValidatorOptions } from '@crossfade/validator';
import { expect } from 'vitest';
import { KEYS, type MintedToken, mint, mintIdTokens } from './minted-vendor.ts';
import type { Vendor, VendorApi } from './vendors/vendor.ts';

/** Which side of a migration an API is. */
export const ROLES = ['legacy', 'target'] as const;
export type Role = (typeof ROLES)[number];

/** The audience of the other side. No token here is addressed to it. */
export const ELSEWHERE = 'https://api.example.com/elsewhere';

/** Options that have to list the clients first. */
export const DEMANDED = 'clients demanded';

export const withKeys = (side: SideOptions): SideOptions => ({ ...side, keys: KEYS.jwks });

/** The options with an API as one side, and defaults for everything else. */
export function optionsFor({ side }: VendorApi, role: Role, clients?: readonly string[]): ValidatorOptions {
  const [own, other] = [withKeys(side), withKeys({ issuer: side.issuer, audience: ELSEWHERE })];
  const [legacy, target] = role === 'legacy' ? [own, other] : [other, own];
  return { legacy, target, ...(clients !== undefined && { clients }) };
}

/** What `create` returns, or that it demands the list of clients. Any other problem of the options fails the test. */
export function orDemand<T>(create: () => T): T | typeof DEMANDED {
  try {
    return create();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.problems.map(({ path }) => path)).toEqual(['clients']);
    return DEMANDED;
  }
}

/** The judgement on each token, or that these options need the list of clients first. */
export async function judgementsOf(
  options: ValidatorOptions,
  tokens: readonly MintedToken[],
): Promise<readonly Judgement[] | typeof DEMANDED> {
  const validator = orDemand(() => createValidator(options));
  return validator === DEMANDED ? validator : Promise.all(tokens.map(({ token }) => validator.judge(token)));
}

/** The verdict on each token, in words. */
export async function verdictsOf(
  options: ValidatorOptions,
  tokens: readonly MintedToken[],
): Promise<readonly string[]> {
  const judgements = await judgementsOf(options, tokens);
  if (judgements === DEMANDED) return tokens.map(() => DEMANDED);
  return judgements.map((judgement) =>
    judgement.outcome === 'accepted'
      ? `${judgement.audience} accepted, then ${judgement.afterClose}`
      : `${judgement.audience} ${judgement.reason}`,
  );
}

/** Every token of a vendor that APIs may meet, signed. */
export async function tokensOf(vendor: Vendor, apis = vendor.apis): Promise<readonly MintedToken[]> {
  return [
    ...(await Promise.all(apis.flatMap(({ access }) => access).map((token) => mint(vendor, token, 'access')))),
    ...(await mintIdTokens(vendor)),
    ...(await Promise.all((vendor.other ?? []).map((token) => mint(vendor, token, 'other')))),
  ];
}
