import { expect, test } from 'vitest';
import { createForwardedHeaders } from '../../src/http/forwarded-headers.ts';

function open() {
  let nowMs = 0;
  const firsts: string[] = [];
  const headers = createForwardedHeaders(
    () => nowMs,
    (address) => firsts.push(address),
  );
  const note = (address: string, ms: number) => {
    nowMs = ms;
    headers.noteOf(address)();
  };
  return { headers, firsts, note };
}

test('counts requests and lists their senders, most recent first', () => {
  const { headers, note } = open();
  expect(headers.read()).toEqual({ replaced: 0, from: [], lastMs: null });
  note('10.0.3.7', 1_000);
  note('10.0.3.8', 2_000);
  note('10.0.3.7', 3_000);
  expect(headers.read()).toEqual({ replaced: 3, from: ['10.0.3.7', '10.0.3.8'], lastMs: 3_000 });
});

test('an address that sent no such header is not listed', () => {
  const { headers } = open();
  headers.noteOf('10.0.3.7');
  expect(headers.read().from).toEqual([]);
});

test('tells of the first address once', () => {
  const { firsts, note } = open();
  for (const address of ['10.0.3.7', '10.0.3.7', '10.0.3.8']) note(address, 1_000);
  expect(firsts).toEqual(['10.0.3.7']);
});

test('a proxy that sends requests all the time stays listed, however many addresses there are', () => {
  const { headers, note } = open();
  const noteProxy = headers.noteOf('10.0.3.7');
  for (let nth = 0; nth < 1_000; nth += 1) {
    note(`2001:db8::${nth}`, nth);
    noteProxy();
  }
  const { from, replaced } = headers.read();
  expect(from).toHaveLength(8);
  expect(from).toContain('10.0.3.7');
  expect(replaced).toBe(2_000);
});

test('a sender that was forgotten is listed again, once, whichever of its connections it uses', () => {
  const { headers, note } = open();
  const [one, other] = [headers.noteOf('10.0.3.7'), headers.noteOf('10.0.3.7')];
  one();
  other();
  for (let nth = 1; nth <= 8; nth += 1) note(`192.0.2.${nth}`, nth);
  expect(headers.read().from).not.toContain('10.0.3.7');
  one();
  other();
  expect(headers.read().from.filter((address) => address === '10.0.3.7')).toHaveLength(1);
});
