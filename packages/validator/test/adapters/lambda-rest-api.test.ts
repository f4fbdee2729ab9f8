import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  type RestApiRequestEvent,
  type RestApiTokenEvent,
  restApiReader as reader,
} from '../../src/adapters/lambda-rest-api.ts';

const ARN = 'arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/prod/PUT/orders';
const pem = `-----BEGIN CERTIFICATE-----\n${Buffer.from('cert').toString('base64')}\n-----END CERTIFICATE-----\n`;

describe('a REQUEST event', () => {
  const event: RestApiRequestEvent = {
    type: 'REQUEST',
    methodArn: ARN,
    httpMethod: 'PUT',
    headers: { Authorization: 'Bearer b' },
    multiValueHeaders: { Authorization: ['Bearer a', 'Bearer b'], authorization: ['Bearer c'], DPoP: ['d'] },
    requestContext: {
      domainName: 'api.example.com',
      path: '/prod/orders',
      identity: { clientCert: { clientCertPem: pem } },
    },
  };

  test('has every value of a header, where `headers` has only the last', () => {
    expect(reader.authorization(event)).toEqual(['Bearer a', 'Bearer b', 'Bearer c']);
    expect(reader.headerValues(event, 'dpop')).toEqual(['d']);
    expect(reader.authorization({ ...event, multiValueHeaders: null })).toEqual(['Bearer b']);
    expect(reader.authorization({ ...event, headers: null, multiValueHeaders: null })).toEqual([]);
  });

  test('has method and URL as clients see them', () => {
    expect([reader.method(event), reader.base(event)]).toEqual(['PUT', 'https://api.example.com']);
    expect(reader.target(event)).toBe('/prod/orders');
  });

  test.each([
    ['/orders', '/prod', '/orders'],
    ['/prod/orders', '', '/prod/orders'],
    ['/other', '', '/prod/orders'],
  ])('tells the stage from the path of the API: %s', (path, base, target) => {
    const staged = { ...event, path };

    expect([reader.base(staged), reader.target(staged)]).toEqual([`https://api.example.com${base}`, target]);
  });

  test('has only the certificate that API Gateway verified', () => {
    const without = (identity: RestApiRequestEvent['requestContext']['identity']) =>
      reader.certificate({ ...event, requestContext: { ...event.requestContext, identity } });

    expect(reader.certificate(event)).toBe(createHash('sha256').update('cert').digest('base64url'));
    expect([without(undefined), without({}), without({ clientCert: null })]).toEqual([undefined, undefined, undefined]);
  });
});

test('a TOKEN event has one header and no proof', () => {
  const event: RestApiTokenEvent = { type: 'TOKEN', methodArn: ARN, authorizationToken: 'Bearer a' };

  expect(reader.authorization(event)).toEqual(['Bearer a']);
  expect(reader.headerValues(event, 'dpop')).toEqual([]);
  expect([reader.method(event), reader.base(event), reader.target(event)]).toEqual(['', '', '']);
  expect(reader.certificate(event)).toBeUndefined();
});
