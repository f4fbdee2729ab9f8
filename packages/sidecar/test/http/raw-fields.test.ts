import { expect, test } from 'vitest';
import { fieldText, fieldValue } from '../../src/http/raw-fields.ts';

test('keeps each octet of a field', () => {
  expect([fieldText('a'), fieldText(Buffer.from([0xe9])), fieldText(undefined)]).toEqual(['a', '\u00e9', '']);
});

test('finds every value of a field by its name, in any spelling, as text or octets', () => {
  const fields = [
    'Grpc-Status',
    '0',
    Buffer.from('WWW-Authenticate'),
    Buffer.from('Bearer'),
    'www-authenticate',
    'DPoP',
  ];
  expect(fieldValue(fields, 'grpc-status')).toBe('0');
  expect(fieldValue(fields, 'www-authenticate')).toBe('Bearer, DPoP');
  expect(fieldValue(fields, 'content-type')).toBeUndefined();
});

test('a value is no name, and a name without a value is no field', () => {
  expect(fieldValue(['x', 'grpc-status', 'grpc-status'], 'grpc-status')).toBeUndefined();
});
