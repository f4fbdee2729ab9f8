import type { Vendor } from './vendor.ts';

const ISSUER = 'https://accounts.google.com';
const CLIENT = '1234987819200.apps.googleusercontent.com';
const ANDROID = '1234987819201.apps.googleusercontent.com';
const CLAIMS = 'https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload';
const CROSS = 'https://developers.google.com/identity/protocols/CrossClientAuth';
const user = {
  sub: '10769150350006150715113082367',
  email: 'jsmith@example.com',
  email_verified: true,
  hd: 'example.com',
};

/** Its access tokens are opaque; an API that takes a JWT of it takes an ID token. */
export const GOOGLE: Vendor = {
  name: 'Google',
  issuer: ISSUER,
  clients: [CLIENT, ANDROID],
  apis: [],
  id: [
    {
      name: 'ID token',
      source: CLAIMS,
      claims: { ...user, aud: CLIENT, azp: CLIENT, at_hash: 'HK6E_P6Dh8Y93mRNtsDB1Q' },
    },
    { name: 'ID token of an Android app', source: CROSS, claims: { ...user, aud: CLIENT, azp: ANDROID } },
  ],
};
