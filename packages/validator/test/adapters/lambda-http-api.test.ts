import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { type HttpApiEvent, httpApiReader as reader } from '../../src/adapters/lambda-http-api.ts';

const pem = `-----BEGIN CERTIFICATE-----\n${Buffer.from('cert').toString('base64')}\n-----END CERTIFICATE-----\n`;
const event: HttpApiEvent = {
  version: '2.0',
  rawPath: '/prod/orders',
  rawQueryString: 'a=1&b=2',
  headers: { Authorization: 'Bearer a,DPoP b', dpop: 'c,d' },
  requestContext: { domainName: 'api.example.com', http: { method: 'PUT' } },
};

test('splits headers that API Gateway joined, in any spelling', () => {
  expect(reader.authorization(event)).toEqual(['Bearer a', 'DPoP b']);
  expect(reader.headerValues(event, 'dpop')).toEqual(['c', 'd']);
  expect(reader.headerValues(event, 'client-cert')).toEqual([]);
  expect(reader.authorization({ ...event, headers: undefined })).toEqual([]);
});

test('reads method and URL as clients see them', () => {
  expect([reader.method(event), reader.base(event)]).toEqual(['PUT', 'https://api.example.com']);
  expect(reader.target(event)).toBe('/prod/orders?a=1&b=2');
  expect(reader.target({ ...event, rawQueryString: '' })).toBe('/prod/orders');
  expect(reader.target({ ...event, rawQueryString: undefined })).toBe('/prod/orders');
});

test.each([
  ['prod', '/prod/orders', '/prod', '/orders'],
  ['prod', '/prod', '/prod', '/'],
  ['prod', '/production', '', '/production'],
  ['$default', '/orders', '', '/orders'],
  [undefined, '/orders', '', '/orders'],
])('tells the stage %s from the path of the API in %s', (stage, rawPath, base, target) => {
  const staged = { ...event, rawPath, rawQueryString: '', requestContext: { ...event.requestContext, stage } };

  expect([reader.base(staged), reader.target(staged)]).toEqual([`https://api.example.com${base}`, target]);
});

test('reads only the certificate that API Gateway verified', () => {
  const withCertificate = (clientCertPem: string) => {
    const requestContext = { ...event.requestContext, authentication: { clientCert: { clientCertPem } } };
    return reader.certificate({ ...event, requestContext });
  };

  expect(withCertificate(pem)).toBe(createHash('sha256').update('cert').digest('base64url'));
  expect(withCertificate('')).toBeUndefined();
  expect(reader.certificate(event)).toBeUndefined();
  expect(reader.certificate({ ...event, requestContext: { ...event.requestContext, authentication: null } })).toBe(
    undefined,
  );
});
