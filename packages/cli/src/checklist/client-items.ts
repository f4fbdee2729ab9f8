import { type ChecklistItem, fails, inapplicable, passes, unknowable } from './checklist-item.ts';
import { countOf } from './refusals.ts';

const INSIDE = 'it happens inside the client, which doctor does not see';
const CERTIFIED =
  "see that the client's library is certified as a relying party (openid.net/certification), or run these tests of the OpenID Foundation against the client";

/** What a client has to check of an ID token, one step of OIDC Core after the other. */
const ID_TOKEN_STEPS = [
  [
    'id_token_issuer',
    '(2)',
    'compares iss of the ID token with the issuer that it asked',
    'another issuer logs users in',
  ],
  [
    'id_token_audience',
    '(3)',
    'refuses ID tokens whose aud does not hold its client id, or holds others that it does not trust',
    'a token that another client got logs its holder in here',
  ],
  [
    'id_token_azp',
    '(4), (5)',
    'compares azp with its client id where it is present',
    'a token that was made for another client of several passes for its own',
  ],
  [
    'id_token_signature',
    '(6), (7), (8)',
    'verifies the signature by the algorithm that it registered, unless the token came straight from the token endpoint over TLS',
    'an attacker writes any name into the token',
  ],
  ['id_token_expiry', '(9), (10)', 'refuses ID tokens past exp, or issued long ago', 'an old token is replayed'],
  ['id_token_nonce', '(11)', 'compares nonce with the one that it sent', 'a stolen code or token is injected'],
  [
    'id_token_acr',
    '(12), (13)',
    'compares acr and auth_time, where it asked for them',
    'a login with a weaker factor, or an old one, passes for a fresh one',
  ],
] as const;

const FLOW_STEPS = [
  [
    'pkce',
    'RFC 9700 §2.1.1, RFC 10017 §6.3',
    'must',
    'uses PKCE with S256, and a new verifier for each login',
    'a stolen code is redeemed by the thief',
    'record one login: the authorization request has code_challenge_method=S256',
  ],
  [
    'csrf',
    'RFC 9700 §2.1, §4.7',
    'must',
    'ties the response to the browser that asked: by PKCE, state or nonce',
    'a victim is logged in as the attacker',
    'open the redirect URI of one browser in another: the login has to fail',
  ],
  [
    'redirect_uri',
    'RFC 9700 §2.1, §4.1.3',
    'must',
    'has registered each redirect URI in full, without a wildcard, and has no open redirector',
    'a code is sent to a place of the attacker',
    'ask the provider for a redirect URI with one letter more: it has to refuse',
  ],
  [
    'audience_request',
    'RFC 8707 §2, RFC 9700 §2.3',
    'should',
    'asks for one API per token (resource, audience or scope)',
    'a token for many APIs opens all of them where it leaks',
    'crossfade verify, or the audiences of crossfade census',
  ],
  [
    'opaque_access_token',
    'RFC 9068 §6',
    'must',
    'does not read the content of access tokens',
    'it breaks when format or audience changes, as in this migration',
    "search the client for code that decodes its access token; a legacy token's claims are the usual reason",
  ],
  [
    'several_issuers',
    'RFC 9700 §4.4.2, RFC 9207 §2.4',
    'must',
    'compares iss of the authorization response, where it logs in at several issuers',
    'an attacker mixes up two issuers, and gets the code',
    'see the library for iss in authorization responses (RFC 9207)',
  ],
  [
    'token_in_url',
    'RFC 9700 §4.3.2',
    'must',
    'puts no access token into the query of a URL',
    'URLs stand in logs, histories and Referer headers',
    'search the access logs of the APIs for access_token=',
  ],
] as const;

/** What clients have to do, before and during a migration. */
export const CLIENT_ITEMS: readonly ChecklistItem[] = [
  {
    area: 'client',
    item: 'no_id_token_to_api',
    source: 'OIDC Core §2, RFC 9068 §5, RFC 8725 §3.12',
    level: 'must',
    what: 'sends access tokens to APIs, never ID tokens',
    why: 'its user is turned away as soon as the API checks',
    runbook: 'disagreements',
    judge({ refusals }) {
      if (refusals === undefined) return unknowable('no sidecar can be asked', 'start the sidecars, then ask again');
      const seen = countOf(refusals.rejected, ['id_token']);
      if (seen === 0 && !refusals.seesResponses)
        return unknowable('the sidecars have seen no token that an API took', 'ask again once clients send requests');
      return seen === 0
        ? passes('the sidecars have seen no ID token since they started')
        : fails(
            `the sidecars saw ${seen} ${seen === 1 ? 'request' : 'requests'} with an ID token`,
            'crossfade stragglers names the clients',
          );
    },
  },
  ...ID_TOKEN_STEPS.map(
    ([item, steps, what, why]): ChecklistItem => ({
      area: 'client',
      item,
      source: `OIDC Core §3.1.3.7 ${steps}`,
      level: 'must',
      what,
      why,
      runbook: 'prepare',
      judge: () => unknowable(INSIDE, CERTIFIED),
    }),
  ),
  ...FLOW_STEPS.map(
    ([item, source, level, what, why, how]): ChecklistItem => ({
      area: 'client',
      item,
      source,
      level,
      what,
      why,
      runbook: 'prepare',
      judge: ({ issuers }) =>
        item === 'several_issuers' && issuers.length < 2
          ? inapplicable('both sides have one issuer')
          : unknowable(INSIDE, how),
    }),
  ),
];
