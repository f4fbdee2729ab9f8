import type { Acceptance, Judgement } from '@crossfade/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { createValidator, type SideOptions, TokenRejectedError, type ValidatorOptions } from '../src/index.ts';
import { createSigningKey, type SigningKey, sign } from './issuer.ts';

const ISSUER = 'https://idp.example.com';
const TARGET = 'https://api.example.com/orders';
const NOW = 1_800_000_000;

let key: SigningKey;
let legacy: SideOptions;
let target: SideOptions;

beforeAll(async () => {
  key = await createSigningKey({ kid: 'a' });
  const keys = { keys: [key.publicJwk] };
  legacy = { issuer: ISSUER, audience: 'default-api', keys };
  target = { issuer: ISSUER, audience: TARGET };
});

function claims(more: Record<string, unknown> = {}): Record<string, unknown> {
  return { iss: ISSUER, aud: 'default-api', sub: 'u1', client_id: 'web-app', iat: NOW - 60, exp: NOW + 60, ...more };
}

function validator(options: Partial<ValidatorOptions> = {}) {
  return createValidator({ legacy, target, clients: ['web-app'], now: () => NOW * 1000, ...options });
}

async function judge(more: Record<string, unknown>, options: Partial<ValidatorOptions> = {}): Promise<Judgement> {
  return validator(options).judge(await sign(claims(more), key));
}

describe('the verdict by class and acceptance', () => {
  const audiences = { legacy: 'default-api', target: TARGET, bridge: ['default-api', TARGET], foreign: 'other-api' };
  const table: [keyof typeof audiences, Acceptance, string, string?][] = [
    ['legacy', 'both', 'accepted', 'rejected'],
    ['target', 'both', 'accepted', 'accepted'],
    ['bridge', 'both', 'accepted', 'accepted'],
    ['foreign', 'both', 'wrong_audience'],
    ['legacy', 'target', 'legacy_closed'],
    ['target', 'target', 'accepted', 'accepted'],
    ['bridge', 'target', 'accepted', 'accepted'],
    ['foreign', 'target', 'wrong_audience'],
  ];

  test.each(table)('a %s token while acceptance is %s: %s', async (audience, acceptance, verdict, afterClose) => {
    const judgement = await judge({ aud: audiences[audience] }, { acceptance });

    expect(judgement.audience).toBe(audience);
    if (judgement.outcome === 'accepted') expect([verdict, afterClose]).toEqual(['accepted', judgement.afterClose]);
    else expect(judgement).toEqual({ outcome: 'rejected', audience, reason: verdict });
  });
});
