import { describe, expect, test } from 'vitest';
import { createValidator } from '../src/index.ts';
import { protectedResourceMetadata, protectedResourceMetadataUrl } from '../src/protected-resource-metadata.ts';

const LEGACY = 'https://old.example.com';
const TARGET = 'https://new.example.com';
const legacy = { issuer: LEGACY, audience: 'default-api' };
const target = { issuer: TARGET, audience: 'https://api.example.com/orders' };
const resource = 'https://api.example.com/orders';

describe('protectedResourceMetadata', () => {
  test('names the issuers of both sides, target first, and what clients may ask for', () => {
    const validator = createValidator({ legacy, target });
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
    ['before there is a target side', createValidator({ legacy }), [LEGACY]],
    ['once legacy is closed', createValidator({ legacy, target, acceptance: 'target' }), [TARGET]],
    ['that both sides share', createValidator({ legacy, target: { ...target, issuer: LEGACY } }), [LEGACY]],
  ])('names the one issuer %s', (_, validator, issuers) => {
    expect(protectedResourceMetadata({ validator, resource }).authorization_servers).toEqual(issuers);
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
