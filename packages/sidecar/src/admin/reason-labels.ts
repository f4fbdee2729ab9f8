import type { RejectionReason } from '@crossfade/core';

/** What each reason says of a token, in a few words. */
export const REASON_LABELS: Readonly<Record<RejectionReason, string>> = {
  missing_token: 'the request had no token',
  malformed_token: 'could not be parsed',
  token_too_large: 'longer than the limit',
  unsupported_algorithm: 'signed with an algorithm that is not allowed',
  unknown_key: 'signed with a key that the issuer does not publish',
  bad_signature: 'the signature does not verify',
  wrong_issuer: 'from an issuer of neither side',
  wrong_audience: 'for neither audience',
  foreign_audience: 'for another audience as well',
  legacy_closed: 'legacy, after the close',
  wrong_type: 'its type is not that of an access token',
  id_token: 'an ID token',
  expired: 'expired',
  not_yet_valid: 'not valid yet',
  client_not_allowed: 'from a client that is not allowed',
  claim_not_allowed: 'a claim does not have the value that the plan requires',
  insufficient_scope: 'lacks the required scope',
  inactive: 'inactive at its issuer: revoked or expired',
  revoked: 'revoked before it expired',
  proof_required: 'bound to a key, and sent without a proof of it',
  proof_invalid: 'the proof of possession is invalid',
  brownout: 'legacy, in a brownout',
};

/** What to do if the API accepts a token that is rejected for this reason, in one sentence. */
export const REMEDY_LABELS: Readonly<Record<RejectionReason, string>> = {
  missing_token: 'The token stands where the validator ignores it, such as the query: change the client.',
  malformed_token:
    'If the tokens are opaque, give the side its introspection; one without exp has to be minted better.',
  token_too_large: 'Raise maxTokenBytes.',
  unsupported_algorithm: 'List the algorithm in the algorithms of the side.',
  unknown_key: 'Give the side the keys that the API uses.',
  bad_signature: 'Give the side the keys that the API uses.',
  wrong_issuer: 'If the API trusts this issuer, list its spelling in the issuer of the side.',
  wrong_audience:
    'If the API knows this audience as its own, list it in the audience of the side; else correct the client.',
  foreign_audience: 'Leave out foreignAudiences, or list the other audience there.',
  legacy_closed: 'The API did not close: give its validator the acceptance switch, or run crossfade reopen.',
  wrong_type: 'If the API accepts this type, leave out the typ of the side; else correct the client.',
  id_token: 'If it is an access token, correct clients; an ID token is a fault of the client.',
  expired: 'A clock is wrong: correct it, or raise clockTolerance. Else the API does not check exp.',
  not_yet_valid: 'A clock is wrong: correct it, or raise clockTolerance. Else the API does not check nbf.',
  client_not_allowed: 'List the client in the allowedClients of the side.',
  claim_not_allowed: 'Require in the claims of the side what the API requires, no more.',
  insufficient_scope: 'Require in the requiredScope of the side what the API requires, no more.',
  inactive: 'Correct the introspection of the side. An API that caches accepts a revoked token for a while.',
  revoked: 'The API does not check revocation: correct the API.',
  proof_required: 'Set senderConstrained as the API has it; for mTLS, clientCertificateHeader.',
  proof_invalid: 'Set publicUrl and trustedProxies, so that the proof is checked against the URL that the client used.',
  brownout: 'Nothing.',
};

/** What to do about tokens that cannot be verified, if the plan cannot learn to verify them. */
export const UNVERIFIED_REMEDY_LABEL =
  'Rubbish on a route that needs no token: list the route in sidecar.publicPaths, or the reason in gate.acknowledged.';
