import { type Acceptance, ConfigError } from '@crossfade/core';
import { describe, expect, test } from 'vitest';
import {
  createProtectedResourceResponse,
  protectedResourceMetadata,
  protectedResourceMetadataUrl,
} from '../../src/guard/protected-resource-metadata.ts';
import { createValidator, type SideOptions } from '../../src/index.ts';

const LEGACY = 'https://old.example.com';
const TARGET = 'https://new.example.com';
const legacy = { issuer: LEGACY, audience: 'default-api' };
const target = { issuer: TARGET, audience: 'https://api.example.com/orders' };
const resource = 'https://api.example.com/orders';

describe('protectedResourceMetadata', () => {
  test('names the issuers of both sides, target first, and what clients may request', () => {
    const validator = createValidator({ clients: [], legacy, target });
    const options = { scopes: ['orders:read'], name: 'Orders', documentation: 'https://docs.example.com/orders' };

    expect(protectedResourceMetadata({ validator, resource, ...options })).toEqual({
      resource,
      authorization_servers: [TARGET, LEGACY],
      bearer_methods_supported: ['header'],
      scopes_supported: ['orders:read'],
      resource_name: 'Orders',
      resource_documentation: 'https://docs.example.com/orders',
    });
  });

  test.each([
    ['before there is a target side', createValidator({ clients: [], legacy }), [LEGACY]],
    ['once legacy is closed', createValidator({ clients: [], legacy, target, acceptance: 'target' }), [TARGET]],
    [
      'that both sides share',
      createValidator({ clients: [], legacy, target: { ...target, issuer: LEGACY } }),
      [LEGACY],
    ],
  ])('names the one issuer %s', (_, validator, issuers) => {
    expect(protectedResourceMetadata({ validator, resource }).authorization_servers).toEqual(issuers);
  });

  test('names DPoP and certificates where an open side demands them', () => {
    const required = { dpop_bound_access_tokens_required: true };
    const certificates = { tls_client_certificate_bound_access_tokens: true };
    const algorithms = { dpop_signing_alg_values_supported: ['ES256', 'EdDSA'] };
    const bindingsOf = (ways: readonly SideOptions['senderConstrained'][], acceptance: Acceptance = 'both') => {
      const [ofLegacy, ofTarget] = ways.map((way) => (way === undefined ? {} : { senderConstrained: way }));
      const validator = createValidator({
        clients: [],
        legacy: { ...legacy, ...ofLegacy },
        target: { ...target, ...ofTarget },
        acceptance,
        dpop: { algorithms: ['ES256', 'EdDSA'] },
      });
      const {
        resource: _,
        authorization_servers,
        bearer_methods_supported,
        ...more
      } = protectedResourceMetadata({
        validator,
        resource,
      });
      return more;
    };

    expect(bindingsOf([undefined, undefined])).toEqual({});
    expect(bindingsOf([undefined, 'dpop'])).toEqual(algorithms);
    expect(bindingsOf([undefined, 'dpop'], 'target')).toEqual({ ...algorithms, ...required });
    expect(bindingsOf(['dpop', 'dpop'])).toEqual({ ...algorithms, ...required });
    expect(bindingsOf(['dpop', 'any'])).toEqual({ ...algorithms, ...certificates });
    expect(bindingsOf([undefined, 'mtls'])).toEqual(certificates);
    expect(bindingsOf(['mtls', undefined], 'target')).toEqual({});
  });

  test('lists every problem of its options', () => {
    const options = { resource: 'http://api.example.com/#a', scopes: [''], unknown: true } as object;
    const metadata = () => protectedResourceMetadata(options as Parameters<typeof protectedResourceMetadata>[0]);

    expect(metadata).toThrow(
      /validator: .*resource: must be an https URL.*scopes\.0: .*unknown: is not a known setting/,
    );
  });
});

test.each([
  ['https://api.example.com', 'https://api.example.com/.well-known/oauth-protected-resource'],
  ['https://api.example.com/', 'https://api.example.com/.well-known/oauth-protected-resource'],
  [
    'https://api.example.com:8443/orders/v1',
    'https://api.example.com:8443/.well-known/oauth-protected-resource/orders/v1',
  ],
  ['https://api.example.com/orders?k=1', 'https://api.example.com/.well-known/oauth-protected-resource/orders?k=1'],
])('the metadata of %s is at %s', (identifier, url) => {
  expect(protectedResourceMetadataUrl(identifier)).toBe(url);
});

describe('the metadata response', () => {
  const validator = createValidator({ clients: [], legacy, target });

  test.each([
    ['https://api.example.com', '/.well-known/oauth-protected-resource'],
    ['https://api.example.com/orders/v1', '/.well-known/oauth-protected-resource/orders/v1'],
    ['https://api.example.com/orders?k=1', '/.well-known/oauth-protected-resource/orders'],
  ])('for %s is served at %s', (resource, path) => {
    expect(createProtectedResourceResponse({ validator, resource }).paths).toEqual([path]);
  });

  test.each([
    ['https://api.example.com/', undefined, []],
    ['https://api.example.com/orders', undefined, ['']],
    ['https://api.example.com/orders/', undefined, ['']],
    ['https://api.example.com/shop', 'https://api.example.com/shop/orders', ['/orders']],
    ['https://api.example.com/shop', 'https://api.example.com/shop/', ['']],
    ['https://api.example.com/shop', 'https://api.example.com/shopping', []],
    ['https://api.example.com/shop', 'https://other.example.com/shop', []],
    ['http://10.0.0.1/shop', 'https://api.example.com/shop', []],
  ])(
    'behind a proxy that strips the path of %s is served at what is left, too (resource: %s)',
    (publicUrl, resource, rests) => {
      const options = { validator, publicUrl, ...(resource === undefined ? {} : { resource }) };
      const { paths, body } = createProtectedResourceResponse(options);

      expect(paths.slice(1)).toEqual(rests.map((rest) => `/.well-known/oauth-protected-resource${rest}`));
      expect(JSON.parse(body())).toMatchObject({ resource: resource ?? publicUrl.replace(/\/$/, '') });
    },
  );

  test('needs a resource, or a public URL that can be one', () => {
    for (const options of [{}, { publicUrl: 'http://api.example.com' }]) {
      expect(() => createProtectedResourceResponse({ validator, ...options })).toThrow(
        'resource: must be an https URL',
      );
    }
  });

  test('is JSON with a short max-age', () => {
    const { headers, body } = createProtectedResourceResponse({ validator, resource: 'https://api.example.com' });

    expect(headers).toEqual({ 'content-type': 'application/json', 'cache-control': 'public, max-age=60' });
    expect(JSON.parse(body())).toMatchObject({ resource: 'https://api.example.com' });
  });

  test('follows the acceptance switch at every request', () => {
    let acceptance: Acceptance = 'both';
    const switched = createValidator({ clients: [], legacy, target, acceptance: () => acceptance });
    const { body } = createProtectedResourceResponse({ validator: switched, resource: 'https://api.example.com' });
    const servers = () => (JSON.parse(body()) as { authorization_servers: string[] }).authorization_servers;

    expect(servers()).toEqual([target.issuer, legacy.issuer]);
    acceptance = 'target';
    expect(servers()).toEqual([target.issuer]);
  });

  test('throws for a wrong resource when it is created', () => {
    expect(() => createProtectedResourceResponse({ validator, resource: 'orders' })).toThrow(ConfigError);
  });
});
