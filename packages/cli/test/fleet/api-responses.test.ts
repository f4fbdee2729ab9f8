import { describe, expect, it } from 'vitest';
import { isKnownToAccept } from '../../src/fleet/api-responses.ts';

describe('isKnownToAccept', () => {
  it.each([
    ['accepted, and never refused', 1, null, undefined, true],
    ['refused, and never accepted', null, 1, undefined, false],
    ['accepted after it refused', 2, 1, undefined, true],
    ['refused after it accepted', 1, 2, undefined, false],
    ['accepted and refused in the same moment', 1, 1, undefined, false],
    ['said nothing', null, null, undefined, false],
    ['said nothing, and the process that judges lets them in', null, null, true, true],
    ['refused what the process that judges lets in', 1, 2, true, false],
    ['accepted before the process that judges refused them', 1, null, false, false],
  ])('of an API that %s', (_what, acceptedMs, unauthorizedMs, commanded, isKnown) => {
    expect(isKnownToAccept({ acceptedMs, unauthorizedMs }, commanded)).toBe(isKnown);
  });
});
