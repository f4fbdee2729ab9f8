import { describe, expect, test } from 'vitest';
import { joinedAuthorizationValues, joinedValues } from '../../src/http/joined-header-values.ts';

describe('joinedAuthorizationValues', () => {
  test.each([
    ['one token', 'Bearer a.b.c', ['Bearer a.b.c']],
    ['two tokens', 'Bearer a, Bearer b', ['Bearer a', 'Bearer b']],
    ['two schemes, joined without a space', 'Basic YTpi,DPoP a', ['Basic YTpi', 'DPoP a']],
    ['a scheme with parameters', 'Digest username="a", realm="b"', ['Digest username="a", realm="b"']],
    ['parameters, and a token behind them', 'Digest a="b", c="d", Bearer e', ['Digest a="b", c="d"', 'Bearer e']],
    ['nothing', '', ['']],
  ])('splits %s', (_, joined, values) => {
    expect(joinedAuthorizationValues(joined)).toEqual(values);
  });

  test('takes linear time for hostile input', () => {
    const start = performance.now();
    joinedAuthorizationValues(`${', '.repeat(20_000)}${','.repeat(20_000)}${'a'.repeat(20_000)}${' '.repeat(20_000)}`);

    expect(performance.now() - start).toBeLessThan(50);
  });
});

test('joinedValues splits at every comma', () => {
  expect(joinedValues('a.b.c,d.e.f, :Zg==:')).toEqual(['a.b.c', 'd.e.f', ':Zg==:']);
});
