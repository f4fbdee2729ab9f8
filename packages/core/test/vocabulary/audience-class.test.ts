import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AUDIENCE_CLASSES,
  type AudiencePair,
  classifyAudience,
  isVerifiedClass,
  sideName,
} from '../../src/vocabulary/audience-class.ts';

const issuer = 'https://idp.example.com';
const pair: AudiencePair = { legacy: { issuer, audience: 'default-api' }, target: { issuer, audience: 'urn:orders' } };
const twoIssuers: AudiencePair = {
  legacy: { issuer: 'https://old.example.com', audience: 'api' },
  target: { issuer, audience: 'api' },
};
const cognito: AudiencePair = { legacy: { issuer, clientIds: ['web', 'batch'] }, target: pair.target };

describe('classifyAudience', () => {
  it.each([
    [['default-api'], 'legacy'],
    [['urn:orders'], 'target'],
    [['urn:orders', 'default-api'], 'bridge'],
    [['something-else'], 'foreign'],
    [[], 'foreign'],
    [['something-else', 'default-api'], 'legacy'],
  ])('says of %j: %s', (audiences, expected) => {
    expect(classifyAudience({ issuer, audiences }, pair)).toBe(expected);
  });

  it('matches an audience only together with its issuer', () => {
    expect(classifyAudience({ issuer, audiences: ['api'] }, twoIssuers)).toBe('target');
    expect(classifyAudience({ issuer: 'https://old.example.com', audiences: ['api'] }, twoIssuers)).toBe('legacy');
    expect(classifyAudience({ issuer: 'https://evil.example.com', audiences: ['api'] }, twoIssuers)).toBe('foreign');
  });

  it('uses the client id only if a token carries no audience', () => {
    expect(classifyAudience({ issuer, audiences: [], clientId: 'web' }, cognito)).toBe('legacy');
    expect(classifyAudience({ issuer, audiences: [], clientId: 'stranger' }, cognito)).toBe('foreign');
    expect(classifyAudience({ issuer, audiences: [] }, cognito)).toBe('foreign');
    expect(classifyAudience({ issuer, audiences: ['urn:orders'], clientId: 'web' }, cognito)).toBe('target');
    expect(classifyAudience({ issuer, audiences: ['other'], clientId: 'web' }, cognito)).toBe('foreign');
  });

  it('matches any audience and any spelling of the issuer in a list', () => {
    const spellings = [issuer, `${issuer}/`];
    const legacy = { issuer: spellings, audience: ['api://guid', 'guid'] };
    for (const name of spellings) {
      for (const audience of legacy.audience) {
        expect(classifyAudience({ issuer: name, audiences: ['x', audience] }, { ...pair, legacy })).toBe('legacy');
      }
    }
    expect(classifyAudience({ issuer, audiences: ['api://guid', 'urn:orders'] }, { ...pair, legacy })).toBe('bridge');
    expect(classifyAudience({ issuer: 'https://idp', audiences: ['guid'] }, { ...pair, legacy })).toBe('foreign');
  });

  it('gives every token without an audience to the side that has none', () => {
    const legacy = { issuer, withoutAudience: true } as const;
    expect(classifyAudience({ issuer, audiences: [] }, { ...pair, legacy })).toBe('legacy');
    expect(classifyAudience({ issuer, audiences: ['x'] }, { ...pair, legacy })).toBe('foreign');
    expect(classifyAudience({ issuer, audiences: ['urn:orders'] }, { ...pair, legacy })).toBe('target');
    expect(classifyAudience({ issuer: 'https://idp', audiences: [] }, { ...pair, legacy })).toBe('foreign');
  });

  it('gives to a side of any audience what is not the target’s, and so never makes a bridge', () => {
    const legacy = { issuer, anyAudience: true } as const;
    for (const audiences of [[], ['x'], ['x', 'y']]) {
      expect(classifyAudience({ issuer, audiences }, { ...pair, legacy })).toBe('legacy');
    }
    expect(classifyAudience({ issuer, audiences: ['x', 'urn:orders'] }, { ...pair, legacy })).toBe('target');
    expect(classifyAudience({ issuer: 'https://idp', audiences: ['x'] }, { ...pair, legacy })).toBe('foreign');
  });

  it('does not depend on the order of the audiences', () => {
    const audience = fc.constantFrom('default-api', 'urn:orders', 'x', 'y');
    fc.assert(
      fc.property(fc.array(audience, { maxLength: 5 }), (audiences) => {
        const forwards = classifyAudience({ issuer, audiences }, pair);
        expect(classifyAudience({ issuer, audiences: audiences.toReversed() }, pair)).toBe(forwards);
      }),
    );
  });
});

it('takes legacy, target, bridge and foreign tokens for verified, and no others', () => {
  expect(AUDIENCE_CLASSES.filter(isVerifiedClass)).toEqual(['legacy', 'target', 'bridge', 'foreign']);
});

describe('sideName', () => {
  it.each([
    [{ issuer, audience: ['api://guid', 'guid'] }, 'api://guid'],
    [{ issuer, audience: 'default-api' }, 'default-api'],
    [{ issuer, clientIds: ['web', 'batch'] }, 'web'],
    [{ issuer, withoutAudience: true }, 'without-audience'],
    [{ issuer, anyAudience: true }, 'any-audience'],
  ] as const)('calls %j %s', (side, name) => {
    expect(sideName(side)).toBe(name);
  });
});
