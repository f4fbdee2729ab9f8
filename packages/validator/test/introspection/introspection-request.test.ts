import { describe, expect, test } from 'vitest';
import { introspectionRequest } from '../../src/introspection/introspection-request.ts';

const settings = {
  clientId: 'orders api',
  clientSecret: 'p+%:&=ä',
  authentication: 'client_secret_basic',
  response: 'json',
} as const;

function requestOf(more: Partial<Parameters<typeof introspectionRequest>[1]> = {}, token = 'opaque+/=') {
  const { headers, body, ...request } = introspectionRequest(token, { ...settings, ...more });
  return { ...request, headers: Object.fromEntries(headers as Headers), form: new URLSearchParams(String(body)), body };
}

describe('introspectionRequest', () => {
  test('sends the token in an encoded form, and follows no redirect', () => {
    const { method, redirect, headers, body } = requestOf();

    expect({ method, redirect }).toEqual({ method: 'POST', redirect: 'manual' });
    expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(body).toBe('token=opaque%2B%2F%3D&token_type_hint=access_token');
  });

  test('form-encodes Basic credentials', () => {
    const { headers } = requestOf();
    const [scheme, credentials] = headers['authorization']?.split(' ') ?? [];

    expect(scheme).toBe('Basic');
    expect(Buffer.from(credentials ?? '', 'base64').toString()).toBe('orders+api:p%2B%25%3A%26%3D%C3%A4');
  });

  test('sends the credentials in the form with client_secret_post', () => {
    const { headers, form } = requestOf({ authentication: 'client_secret_post' });

    expect(headers['authorization']).toBeUndefined();
    expect(form.get('client_id')).toBe('orders api');
    expect(form.get('client_secret')).toBe('p+%:&=ä');
  });

  test('accepts JSON, or a signed response', () => {
    expect(requestOf().headers['accept']).toBe('application/json');
    expect(requestOf({ response: 'jwt' }).headers['accept']).toBe('application/token-introspection+jwt');
  });
});
