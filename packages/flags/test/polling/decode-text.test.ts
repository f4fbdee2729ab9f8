import { expect, it } from 'vitest';
import { decodeText } from '../../src/polling/decode-text.ts';

it('decodes UTF-8 and drops the byte order mark', () => {
  expect(decodeText(Buffer.from('\uFEFF{"ä":1}'))).toBe('{"ä":1}');
});

it('returns an empty text for bytes that are not UTF-8', () => {
  expect(decodeText(Buffer.from([0x7b, 0xff, 0x7d]))).toBe('');
});
