import { expect, test } from 'vitest';
import { parameterEntries } from '../src/parameter-entries.ts';

test('a repeated resource becomes several parameters of that name', () => {
  const query = new URLSearchParams(
    parameterEntries({ scope: 'openid a:read', resource: ['https://api.example.com/a', 'https://api.example.com/b'] }),
  );
  expect(query.getAll('resource')).toEqual(['https://api.example.com/a', 'https://api.example.com/b']);
  expect(query.get('scope')).toBe('openid a:read');
});

test('one resource, or none, is written as it is', () => {
  expect(parameterEntries({ scope: 'openid', resource: 'urn:a' })).toEqual([
    ['scope', 'openid'],
    ['resource', 'urn:a'],
  ]);
  expect(parameterEntries({})).toEqual([]);
});
