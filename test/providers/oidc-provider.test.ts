import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parsePlanText } from '@crossfade/core/plan-file';
import { createValidator, validatorOptions } from '@crossfade/validator';
import { decodeJwt } from 'jose';
import type { Configuration } from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf, providerPages, ROOT } from './provider-page.ts';
import { createClient, type Parameters, type RealProvider, startProvider, type Tokens } from './real-provider.ts';

const page = providerPages().find(({ file }) => file === 'oidc-provider.md');
const TARGET = 'https://api.example.com/orders';
const LEGACY = 'urn:example:default';
const TARGET_SCOPE = 'openid profile orders:read';

/** The configuration that the page shows, as its reader would write it to a file. */
async function configurationOfThePage(change: (code: string) => string = (code) => code): Promise<Configuration> {
  const folder = mkdtempSync(join(ROOT, 'test', '.provider-'));
  try {
    const code = [...blocksOf(page?.text ?? '', 'js'), "const rolesOf = async () => ['beta'];"].join('\n');
    writeFileSync(join(folder, 'provider.mjs'), change(code));
    const { configuration } = await import(pathToFileURL(join(folder, 'provider.mjs')).href);
    return configuration;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const aud = ({ access_token = '' }: Tokens) => (access_token.includes('.') ? decodeJwt(access_token).aud : 'opaque');

describe.each([
  {
    chooses: 'the resource',
    target: { scope: TARGET_SCOPE, resource: TARGET } as Parameters,
    change: (code: string) => code,
  },
  {
    chooses: 'the scope',
    target: { scope: TARGET_SCOPE } as Parameters,
    change: (code: string) =>
      code.replace(
        '=> legacy.indicator',
        "=> (ctx.oidc.requestParamScopes?.has('orders:read') ? target : legacy).indicator",
      ),
  },
])('a real oidc-provider with the settings of its page, where $chooses chooses', ({ target, change }) => {
  let started: readonly RealProvider[];
  let client: ReturnType<typeof createClient>;
  let rotating: ReturnType<typeof createClient>;
  let issuer: string;

  beforeAll(async () => {
    const configuration = await configurationOfThePage(change);
    const [plain, other] = [await startProvider(configuration, false), await startProvider(configuration, true)];
    started = [plain, other];
    [client, rotating] = [createClient(plain.issuer), createClient(other.issuer)];
    issuer = plain.issuer;
  });
  afterAll(() => Promise.all(started.map((provider) => provider.close())));

  it('mints tokens of both sides, to users and to machines, which the plan of the page accepts', async () => {
    const planText = (page?.planText ?? '').replaceAll('https://idp.example.com', issuer);
    const validator = createValidator(validatorOptions(parsePlanText(planText)));
    const tokens = [
      await client.login({ scope: 'openid profile' }),
      await client.login(target),
      await client.machine({}),
      await client.machine({ ...target, scope: 'orders:read' }),
    ];
    const judged = await Promise.all(tokens.map(({ access_token }) => validator.judge(access_token)));
    expect(judged).toMatchObject([
      { outcome: 'accepted', audience: 'legacy', clientId: 'web-app', scope: [], roles: ['beta'] },
      { outcome: 'accepted', audience: 'target', clientId: 'web-app', scope: ['orders:read'], roles: ['beta'] },
      { outcome: 'accepted', audience: 'legacy', clientId: 'web-app' },
      { outcome: 'accepted', audience: 'target', clientId: 'web-app', scope: ['orders:read'] },
    ]);
    expect(tokens[0]?.scope).toBe('');
    expect(await client.machine({ resource: 'https://api.example.com/none' })).toMatchObject({
      error: 'invalid_target',
    });
  });

  it('keeps the audience of the login at a refresh, and refuses a larger scope without spending the refresh token', async () => {
    const legacy = await rotating.login({ scope: 'openid profile' });
    expect(await rotating.refresh(legacy, { scope: TARGET_SCOPE })).toMatchObject({ error: 'invalid_scope' });
    const again = await rotating.refresh(legacy);
    expect(aud(again)).toBe('default-api');
    expect(again.refresh_token).not.toBe(legacy.refresh_token);
    expect(await rotating.refresh(legacy)).toMatchObject({ error: 'invalid_grant' });
    expect(await rotating.refresh(again)).toMatchObject({ error: 'invalid_grant' });
  });

  it('refuses another resource at a refresh, and has spent a rotating refresh token by then', async () => {
    const legacy = await rotating.login({ scope: 'openid profile' });
    expect(await rotating.refresh(legacy, { resource: TARGET })).toMatchObject({ error: 'invalid_target' });
    expect(await rotating.refresh(legacy)).toMatchObject({ error: 'invalid_grant' });
  });

  it('returns the same refresh token where it does not rotate, and grants a smaller scope for the same audience', async () => {
    const tokens = await client.login(target);
    const smaller = await client.refresh(tokens, { scope: 'openid' });
    expect([aud(smaller), smaller.scope, smaller.refresh_token]).toEqual([TARGET, '', tokens.refresh_token]);
    expect((await client.refresh(tokens)).scope).toBe('orders:read');
  });

  it('refreshes a login for both resources for either, there and back', async () => {
    const both = await rotating.login({ scope: TARGET_SCOPE, resource: [LEGACY, TARGET] }, { resource: TARGET });
    const there = await rotating.refresh(both, { resource: LEGACY });
    const back = await rotating.refresh(there, { resource: TARGET });
    expect([both, there, back].map(aud)).toEqual([TARGET, 'default-api', TARGET]);
  });
});

it('a real oidc-provider without useGrantedResource gives users opaque tokens, and machines a JWT', async () => {
  const configuration = await configurationOfThePage((code) =>
    code.replace('useGrantedResource: () => true', 'useGrantedResource: () => false'),
  );
  const provider = await startProvider(configuration, false);
  const client = createClient(provider.issuer);
  const ofUser = await client.login({ scope: TARGET_SCOPE, resource: TARGET });
  const ofMachine = await client.machine({ scope: 'orders:read', resource: TARGET });
  expect([aud(ofUser), aud(ofMachine)]).toEqual(['opaque', TARGET]);
  await provider.close();
});
