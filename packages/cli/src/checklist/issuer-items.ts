import { type ChecklistItem, fails, inapplicable, passes, unknowable } from './checklist-item.ts';
import { byMetadata, listIn } from './seen.ts';

const READ_IT = "read the provider's metadata (/.well-known/openid-configuration), or its manual";
const ASYMMETRIC = ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'];

/** What the issuer has to offer, as far as its metadata tells (RFC 8414 §2). */
export const ISSUER_ITEMS: readonly ChecklistItem[] = [
  {
    area: 'issuer',
    item: 'pkce',
    source: 'RFC 9700 §2.1.1',
    level: 'must',
    what: 'supports PKCE with S256',
    why: 'without it a stolen authorization code can be redeemed by the thief',
    runbook: 'prepare',
    judge: (evidence) =>
      byMetadata(
        evidence,
        (metadata, name) => {
          const methods = listIn(metadata, 'code_challenge_methods_supported');
          if (methods === undefined)
            return unknowable(`${name} does not tell (code_challenge_methods_supported)`, READ_IT);
          return methods.includes('S256')
            ? passes(`${name} supports S256`)
            : fails(`${name} does not support S256`, 'have the provider turn PKCE on');
        },
        READ_IT,
      ),
  },
  {
    area: 'issuer',
    item: 'implicit_grant',
    source: 'RFC 9700 §2.1.2',
    level: 'should',
    what: 'issues no access token from the authorization endpoint (implicit grant)',
    why: 'a token in the URL of a redirect is in histories and logs, and bound to no client',
    runbook: 'prepare',
    judge: (evidence) =>
      byMetadata(
        evidence,
        (metadata, name) => {
          const types = listIn(metadata, 'response_types_supported');
          if (types === undefined) return unknowable(`${name} does not tell (response_types_supported)`, READ_IT);
          const implicit = types.filter((type) => type.split(' ').includes('token'));
          return implicit.length === 0
            ? passes(`${name} offers no response type with an access token`)
            : fails(`${name} offers ${implicit.join(', ')}`, 'turn the implicit grant off, at least for your clients');
        },
        READ_IT,
      ),
  },
  {
    area: 'issuer',
    item: 'password_grant',
    source: 'RFC 9700 §2.4',
    level: 'must',
    what: 'offers no grant by the password of the user',
    why: 'it hands the password to the client, and trains users to type it anywhere',
    runbook: 'prepare',
    judge: (evidence) =>
      byMetadata(
        evidence,
        (metadata, name) => {
          const grants = listIn(metadata, 'grant_types_supported');
          if (grants === undefined) return unknowable(`${name} does not tell (grant_types_supported)`, READ_IT);
          return grants.includes('password')
            ? fails(`${name} offers the grant password`, 'turn it off; move its clients to the authorization code')
            : passes(`${name} offers ${grants.join(', ')}`);
        },
        READ_IT,
      ),
  },
  {
    area: 'issuer',
    item: 'mix_up',
    source: 'RFC 9700 §4.4.2, RFC 9207 §3',
    level: 'should',
    what: 'names itself in the authorization response (iss), where clients log in at several issuers',
    why: 'an attacker mixes up two issuers, and gets the code of the honest one',
    runbook: 'prepare',
    judge(evidence) {
      if (evidence.issuers.length < 2) return inapplicable('both sides have one issuer');
      return byMetadata(
        evidence,
        (metadata, name) =>
          metadata['authorization_response_iss_parameter_supported'] === true
            ? passes(`${name} sends iss`)
            : fails(
                `${name} does not say that it sends iss`,
                'give each issuer a redirect URI of its own in every client, or have the provider send iss',
              ),
        READ_IT,
      );
    },
  },
  {
    area: 'issuer',
    item: 'client_authentication',
    source: 'RFC 9700 §2.5',
    level: 'should',
    what: 'authenticates clients with keys of their own: private_key_jwt or mutual TLS',
    why: 'a shared secret is known in two places, and is sent with each request',
    runbook: 'prepare',
    judge: (evidence) =>
      byMetadata(
        evidence,
        (metadata, name) => {
          const methods = listIn(metadata, 'token_endpoint_auth_methods_supported');
          if (methods === undefined)
            return unknowable(`${name} does not tell (token_endpoint_auth_methods_supported)`, READ_IT);
          const found = methods.filter((method) => ASYMMETRIC.includes(method));
          return found.length > 0
            ? passes(`${name} offers ${found.join(', ')}`)
            : fails(`${name} offers ${methods.join(', ')} alone`, 'ask the provider for private_key_jwt');
        },
        READ_IT,
      ),
  },
  {
    area: 'issuer',
    item: 'unsigned_id_token',
    source: 'OIDC Core §2, RFC 8725 §3.1',
    level: 'should',
    what: 'offers no unsigned ID tokens',
    why: 'a client that asks for them by mistake believes whatever is written in them',
    runbook: 'prepare',
    judge: (evidence) =>
      byMetadata(
        evidence,
        (metadata, name) => {
          const algorithms = listIn(metadata, 'id_token_signing_alg_values_supported');
          if (algorithms === undefined)
            return unknowable(`${name} does not tell (id_token_signing_alg_values_supported)`, READ_IT);
          return algorithms.includes('none')
            ? fails(`${name} offers none`, 'turn it off, at least for your clients')
            : passes(`${name} signs with ${algorithms.join(', ')}`);
        },
        READ_IT,
      ),
  },
  {
    area: 'issuer',
    item: 'endpoints_tls',
    source: 'RFC 6749 §3.1, §3.2, RFC 9700 §2.6',
    level: 'must',
    what: 'has https endpoints alone',
    why: 'codes, secrets and tokens travel to them',
    runbook: 'prepare',
    judge: (evidence) =>
      byMetadata(
        evidence,
        (metadata, name) => {
          const plain = Object.entries(metadata).filter(
            ([field, value]) => /_(endpoint|uri)$/.test(field) && typeof value === 'string' && /^http:/.test(value),
          );
          if (plain.length === 0) return passes(`every endpoint of ${name} is https`);
          if (/^http:\/\/(127\.|localhost|\[::1\])/.test(name))
            return inapplicable(`${name} is on loopback: a test environment`);
          return fails(
            `${name} has endpoints without TLS: ${plain.map(([field]) => field).join(', ')}`,
            'correct the public URL in the settings of the provider',
          );
        },
        READ_IT,
      ),
  },
  {
    area: 'issuer',
    item: 'audience_restricted',
    source: 'RFC 9700 §2.3, RFC 8707 §2',
    level: 'must',
    what: 'mints target tokens for the audience that the client asks for',
    why: 'a provider that silently mints its default audience leaves clients on legacy',
    runbook: 'migrate',
    judge: ({ plan: { target } }) =>
      target.audience === undefined
        ? fails(
            'target.audience is not set: its tokens are not restricted to this API',
            'have the provider issue tokens with an audience of this API, and set target.audience',
          )
        : unknowable(
            'doctor asks for no token',
            'crossfade verify --client-id <id> asks for one of each side, and compares',
          ),
  },
];
