import { formatDuration, type RejectedJudgement, type Side, type SidePlan } from '@crossfade/core';
import type { DecodedToken } from './decode-token.ts';

/** One reason why a side refuses a token, with a sentence for people that holds no value of a claim. */
export interface Refusal {
  readonly reason: string;
  readonly detail: string;
}

/** What a sentence about a refusal needs. */
export interface RefusalContext {
  readonly side: Side;
  readonly plan: SidePlan;
  readonly maxTokenBytes: number;
  readonly bytes: number;
  readonly nowMs: number;
  /** What the token says of itself; absent for an opaque one. */
  readonly decoded: DecodedToken | undefined;
}

type Sentence = (judgement: RejectedJudgement, context: RefusalContext) => string;

/** By reason; a reason that a later version adds is named without a sentence. */
const SENTENCES: Readonly<Partial<Record<string, Sentence>>> = {
  malformed_token: ({ audience }, { side }) => {
    if (audience === 'opaque') return `it is no JWT, and ${side}.introspection is not set: nothing can say whose it is`;
    if (audience === 'invalid') return 'it looks like a JWT, and cannot be read as one (RFC 7515 §7.1)';
    return 'it is signed by the issuer, but has no exp, or iss, sub, aud, exp or nbf has a type that RFC 7519 rules out';
  },
  token_too_large: (_, { bytes, maxTokenBytes }) => `it has ${bytes} bytes, and maxTokenBytes is ${maxTokenBytes}`,
  unsupported_algorithm: (_, { side, plan }) =>
    plan.algorithms === undefined
      ? 'its alg is none that verifies by a public key'
      : `its alg is not in ${side}.algorithms`,
  unknown_key: () =>
    "no key that the issuer publishes fits its kid and alg: the key was removed, is not published yet, or is another issuer's",
  bad_signature: () =>
    'the issuer publishes a key that fits its kid, and the signature is not by that key: it was altered or forged',
  wrong_issuer: () => 'its iss is no issuer of the plan, character by character',
  wrong_audience: ({ audience }, { side }) => {
    if (audience === 'foreign') return 'its issuer is one of the plan, and its aud names neither side';
    return `it is addressed to the ${side === 'legacy' ? 'target' : 'legacy'} side alone`;
  },
  foreign_audience: (_, { side }) => `its aud names one more API, which ${side}.foreignAudiences does not allow`,
  legacy_closed: () => 'it is for the legacy audience, which a close no longer accepts',
  wrong_type: (_, { side, plan }) =>
    plan.typ === undefined
      ? 'it is no access token by its marks, or the side takes no such token: a JWT without aud has to say what it is, an opaque one needs introspection'
      : `${side}.typ demands ${plan.typ}: its typ header says otherwise, or it is no access token`,
  id_token: () => 'it is an ID token: for the client that logged a user in, never for an API',
  expired: ({ token }, { nowMs }) => {
    const expiresAtMs = (token?.expiresAt ?? 0) * 1000;
    return expiresAtMs > 0 && expiresAtMs <= nowMs
      ? `it expired ${formatDuration(nowMs - expiresAtMs)} ago`
      : 'its exp has passed';
  },
  not_yet_valid: () => 'its nbf is still to come: compare the clocks of the issuer and of this machine',
  client_not_allowed: (_, { side }) => `its client is not in ${side}.allowedClients`,
  claim_not_allowed: (_, { side, plan }) =>
    `${side}.claims demands ${Object.keys(plan.claims ?? {}).join(', ')}: one of them is missing or has another value`,
  insufficient_scope: ({ scope = [] }, { side }) =>
    `it lacks a scope value that ${side}.requiredScope demands: ${scope.join(' ')}`,
  inactive: () => 'the introspection endpoint says that it is not active: expired, revoked, or unknown there',
  revoked: () => 'it is on the denylist of revoked tokens',
  proof_required: (_, { side, plan, decoded }) =>
    isBound(decoded) || plan.senderConstrained === undefined
      ? 'it is bound to a key (DPoP, mutual TLS), and only its client can prove possession: as a bearer token it is refused'
      : `${side}.senderConstrained demands a token that is bound to a key, and it is not`,
  brownout: () => 'a brownout refuses legacy tokens of its client until its end',
};

function isBound(decoded: DecodedToken | undefined): boolean {
  const cnf = decoded?.claims['cnf'];
  return cnf !== undefined && cnf !== null;
}

/** Says why a token is refused. */
export function describeRefusal(judgement: RejectedJudgement, context: RefusalContext): Refusal {
  const { reason } = judgement;
  return { reason, detail: SENTENCES[reason]?.(judgement, context) ?? 'see the list of reasons in the documentation' };
}

/** `expired: it expired 3h ago` */
export function refusalText({ reason, detail }: Refusal): string {
  return `${reason}: ${detail}`;
}
