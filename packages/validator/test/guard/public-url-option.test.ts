import { describe, expect, test } from 'vitest';
import { publicUrlSchema, resourceOf } from '../../src/guard/public-url-option.ts';

describe('a public URL', () => {
  test.each([
    ['https://api.example.com', 'https://api.example.com'],
    ['https://api.example.com/', 'https://api.example.com'],
    ['https://api.example.com/orders', 'https://api.example.com/orders'],
    ['https://api.example.com:8443/shop/orders//', 'https://api.example.com:8443/shop/orders'],
    ['http://10.0.0.1:3000', 'http://10.0.0.1:3000'],
    ['https://[2001:db8::1]/orders', 'https://[2001:db8::1]/orders'],
  ])('%s is read as %s', (text, url) => {
    expect(publicUrlSchema.parse(text)).toBe(url);
  });

  test.each([
    'api.example.com',
    '/orders',
    'https://',
    'ftp://api.example.com',
    'https://user:secret@api.example.com',
    'https://api.example.com/orders?page=1',
    'https://api.example.com/#top',
    'https://api.example.com/a b',
    'https:\\\\api.example.com',
    42,
  ])('cannot be %s', (value) => {
    expect(publicUrlSchema.safeParse(value).error?.issues).toMatchObject([
      { message: expect.stringContaining('such as https://api.example.com/orders') },
    ]);
  });

  test('is a resource identifier where it is an https URL', () => {
    expect(resourceOf('https://api.example.com/orders')).toBe('https://api.example.com/orders');
    expect(resourceOf('http://127.0.0.1:3000')).toBe('http://127.0.0.1:3000');
    expect(resourceOf('http://api.example.com')).toBeUndefined();
    expect(resourceOf(undefined)).toBeUndefined();
  });
});
