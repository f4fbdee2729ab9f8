import { expect, test } from 'vitest';
import { readLimitedText } from '../../src/http/read-limited-text.ts';

test('reads text up to the limit', async () => {
  expect(await readLimitedText(new Response('ää'), 4)).toBe('ää');
  expect(await readLimitedText(new Response(null), 4)).toBe('');
});

test('stops reading text over the limit', async () => {
  let pulled = 0;
  const endless = new ReadableStream({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(4));
    },
  });

  expect(await readLimitedText(new Response(endless), 10)).toBeUndefined();
  expect(pulled).toBeLessThan(6);
});
