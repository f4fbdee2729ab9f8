import { expect, test } from 'vitest';
import { hasHeader, headerValues } from '../../src/http/header-values.ts';

test('every value of one header is read, in order and in any spelling of its name', () => {
  const rawHeaders = ['DPoP', 'a', 'Host', 'h', 'dpop', 'b', 'DPOPS', 'c', 'x-dpop', 'd'];

  expect(headerValues(rawHeaders, 'dpop')).toEqual(['a', 'b']);
  expect(headerValues(rawHeaders, 'host')).toEqual(['h']);
  expect(headerValues(rawHeaders, 'client-cert')).toEqual([]);
});

test('a header is found in any spelling, and no other by its length', () => {
  const rawHeaders = ['Host', 'dpop', 'DpoP', ''];

  expect([hasHeader(rawHeaders, 'dpop'), hasHeader(rawHeaders, 'host')]).toEqual([true, true]);
  expect([hasHeader(rawHeaders, 'date'), hasHeader([], 'dpop')]).toEqual([false, false]);
});
