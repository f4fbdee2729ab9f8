import { type Acceptance, ConfigError, type RolesClaim } from '@crossfade/core';
import { afterEach, describe, expect, test } from 'vitest';
import { createValidator, type SideOptions, type ValidatorOptions } from '../src/index.ts';
import { type IntrospectionServer, respondJson, startIntrospectionServer } from './introspection-server.ts';
import { createSigningKey, sign } from './issuer.ts';

const ISSUER = 'https://idp.example.com';
const TARGET = 'https://api.example.com/orders';
const NOW = 1_800_000_000;
const NAMESPACED = 'https://example.com/roles';

const key = await createSigningKey({ kid: 'a' });
const legacy: SideOptions = { issuer: ISSUER, audience: 'default-api', keys: { keys: [key.publicJwk] } };
const target: SideOptions = { issuer: ISSUER, audience: TARGET };
const named = {
  roles: ['standard'],
  'cognito:groups': ['group'],
  [NAMESPACED]: ['namespaced'],
  realm_access: { roles: ['realm'] },
};

function validatorOf(options: Partial<ValidatorOptions> = {}) {
  return createValidator({ clients: [], legacy, target, now: () => NOW * 1000, ...options });
}

function token(aud: string | string[], claims: Record<string, unknown> = named): Promise<string> {
  return sign({ iss: ISSUER, aud, sub: 'u1', client_id: 'web-app', iat: NOW, exp: NOW + 60, ...claims }, key);
}

async function rolesOf(validator: ReturnType<typeof validatorOf>, signed: string): Promise<readonly string[]> {
  return (await validator.validate(signed)).roles;
}

describe('the roles of a token', () => {
  test.each<[RolesClaim | undefined, string]>([
    [undefined, 'standard'],
    ['roles', 'standard'],
    ['cognito:groups', 'group'],
    [NAMESPACED, 'namespaced'],
    [['realm_access', 'roles'], 'realm'],
  ])('come only from %j, remembered or not', async (rolesClaim, role) => {
    const side = rolesClaim === undefined ? {} : { rolesClaim };
    const [signed, other] = await Promise.all([token('default-api'), token('default-api', {})]);
    for (const cache of [false, {}] as const) {
      const validator = validatorOf({ legacy: { ...legacy, ...side }, cache });

      expect(await rolesOf(validator, signed)).toEqual([role]);
      expect(await rolesOf(validator, signed)).toEqual([role]);
      expect(await rolesOf(validator, other)).toEqual([]);
    }
  });

  test('come from the claim of its side, where two sides of one issuer name different ones', async () => {
    const validator = validatorOf({
      legacy: { ...legacy, rolesClaim: 'cognito:groups' },
      target: { ...target, rolesClaim: NAMESPACED },
    });

    expect(await rolesOf(validator, await token('default-api'))).toEqual(['group']);
    expect(await rolesOf(validator, await token(TARGET))).toEqual(['namespaced']);
  });

  test("of both audiences are the target side's, before and after the close", async () => {
    let acceptance: Acceptance = 'both';
    const validator = validatorOf({
      legacy: { ...legacy, rolesClaim: 'cognito:groups' },
      target: { ...target, rolesClaim: NAMESPACED },
      acceptance: () => acceptance,
    });
    const bridge = await token(['default-api', TARGET]);

    expect(await rolesOf(validator, bridge)).toEqual(['namespaced']);
    acceptance = 'target';
    expect(await rolesOf(validator, bridge)).toEqual(['namespaced']);
  });

  test("of both audiences are the legacy side's while the target side rejects it", async () => {
    const validator = validatorOf({
      legacy: { ...legacy, rolesClaim: 'cognito:groups' },
      target: { ...target, rolesClaim: NAMESPACED, requiredScope: ['orders:read'] },
    });

    expect(await rolesOf(validator, await token(['default-api', TARGET]))).toEqual(['group']);
  });

  test('cannot be changed by a request', async () => {
    const validator = validatorOf();
    const signed = await token('default-api');

    const roles = await rolesOf(validator, signed);
    expect(() => (roles as string[]).push('admin')).toThrow(TypeError);
    expect(await rolesOf(validator, signed)).toEqual(['standard']);
  });
});

describe('the roles of an opaque token', () => {
  let server: IntrospectionServer | undefined;
  afterEach(() => server?.close());

  test('are read from the introspection response, in the same claim', async () => {
    server = await startIntrospectionServer();
    server.respond = respondJson({ active: true, aud: 'default-api', exp: NOW + 60, token_type: 'Bearer', ...named });
    const introspection = { endpoint: server.url, clientId: 'api', clientSecret: 's' };
    const plain = validatorOf({ legacy: { ...legacy, introspection } });
    const namespaced = validatorOf({ legacy: { ...legacy, introspection, rolesClaim: NAMESPACED } });

    expect(await rolesOf(plain, 'opaque')).toEqual(['standard']);
    expect(await rolesOf(namespaced, 'opaque')).toEqual(['namespaced']);
    expect(await rolesOf(namespaced, 'opaque')).toEqual(['namespaced']);
  });
});

test.each([
  ['an empty name', ''],
  ['a dotted path, which could be a name', 'realm_access.roles'],
  ['a path of nothing', []],
  ['a path with an empty name', ['realm_access', '']],
  ['a path without end', Array.from({ length: 9 }, () => 'a')],
  ['no text', 1],
])('%s is rejected with what is expected', (_, rolesClaim) => {
  const options = { legacy: { ...legacy, rolesClaim: rolesClaim as RolesClaim } };

  expect(() => validatorOf(options)).toThrow(ConfigError);
  expect(() => validatorOf(options)).toThrow('[realm_access, roles]');
  expect(() => validatorOf(options)).toThrow('legacy.rolesClaim');
});
