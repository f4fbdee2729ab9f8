import { formatDuration, type RejectionReason } from '@crossfade/core';
import {
  type ChecklistEvidence,
  type ChecklistItem,
  fails,
  type ItemOutcome,
  inapplicable,
  passes,
  unknowable,
} from './checklist-item.ts';
import { byFindings, byTraffic, enforces, whereTargetIsTaken } from './seen.ts';

const LONGEST_LEEWAY_MS = 300_000;

/** Judges by the forged token of one kind that doctor sent, else by what the sidecars saw. */
function byForgery(
  evidence: ChecklistEvidence,
  kind: string,
  reasons: readonly RejectionReason[],
  what: string,
): ItemOutcome {
  const sent = evidence.findings.filter(({ check, detail }) => check === 'forged' && detail.includes(kind));
  const taken = sent.filter(({ verdict }) => verdict === 'fail');
  if (taken[0] !== undefined) return fails(taken.map(({ detail }) => detail).join('; '), taken[0].remedy ?? '');
  const seen = byTraffic(evidence, reasons, what);
  if (seen.verdict === 'fail') return seen;
  const refused = sent.filter(({ verdict }) => verdict === 'pass' || verdict === 'warn');
  if (seen.verdict === 'pass' || refused.length === 0 || refused.length < sent.length) return seen;
  return whereTargetIsTaken(evidence, passes(refused.map(({ detail }) => detail).join('; ')));
}

/** How an API has to judge the tokens that it gets. */
export const API_TOKEN_ITEMS: readonly ChecklistItem[] = [
  {
    area: 'api',
    item: 'signature',
    source: 'RFC 9068 §4, RFC 8725 §3.3',
    level: 'must',
    what: 'verifies the signature of every access token with a key of its issuer',
    why: 'an API that takes a forged token is open to anyone',
    runbook: 'disagreements',
    judge: (evidence) =>
      byForgery(evidence, 'foreign key', ['bad_signature', 'unknown_key'], 'a signature of no key of the issuer'),
  },
  {
    area: 'api',
    item: 'algorithms',
    source: 'RFC 9068 §4, RFC 8725 §3.1',
    level: 'must',
    what: 'takes the algorithms of an allow-list alone, and never none',
    why: 'an attacker writes the algorithm into the token: none, or HMAC with a public key',
    runbook: 'disagreements',
    judge: (evidence) => byForgery(evidence, 'alg none', ['unsupported_algorithm'], 'an algorithm that is not allowed'),
  },
  {
    area: 'api',
    item: 'keys',
    source: 'RFC 8725 §3.4, §3.5',
    level: 'must',
    what: 'verifies with keys that are strong enough, from the issuer alone',
    why: 'a short key, or one that includes its private part, proves nothing',
    runbook: 'key-rotation',
    judge: (evidence) =>
      byFindings(evidence, ['keys'], unknowable('no keys were read', 'crossfade doctor says why the issuer has none')),
  },
  {
    area: 'api',
    item: 'key_ids',
    source: 'RFC 7517 §4.5, RFC 8725 §3.8',
    level: 'should',
    what: 'finds the key of a token by issuer and kid, and no two keys share a kid',
    why: 'by kid alone a token of one issuer is verified with the key of another',
    runbook: 'key-rotation',
    judge: (evidence) => byFindings(evidence, ['key_ids'], inapplicable('no published key has a kid')),
  },
  {
    area: 'api',
    item: 'key_source',
    source: 'RFC 8725 §3.10',
    level: 'must',
    what: 'fetches no key from a place that the token names (jku, x5u, jwk)',
    why: 'an attacker names a place of their own, or one inside your network',
    runbook: 'disagreements',
    judge: ({ plan }) =>
      enforces(plan)
        ? passes('the sidecar enforces the plan: it takes keys from the metadata or from the plan alone')
        : unknowable(
            'a probe would have the API call another server, so doctor sends none',
            "see which options the API's library has for jku, x5u and jwk: they must be off",
          ),
  },
  {
    area: 'api',
    item: 'issuer',
    source: 'RFC 9068 §4, RFC 8725 §3.8',
    level: 'must',
    what: 'compares iss with the expected issuer, character by character',
    why: 'a token of another issuer with the same audience gets in',
    runbook: 'disagreements',
    judge: (evidence) => byTraffic(evidence, ['wrong_issuer'], 'a token of another issuer'),
  },
  {
    area: 'api',
    item: 'audience',
    source: 'RFC 9068 §4, RFC 8725 §3.9, RFC 9700 §2.3',
    level: 'must',
    what: 'refuses tokens whose aud does not name it',
    why: 'a token that was made for another API, and leaked there, opens this one',
    runbook: 'disagreements',
    judge(evidence) {
      const seen = byTraffic(evidence, ['wrong_audience', 'foreign_audience'], 'a token for another API');
      if (seen.verdict === 'fail' || evidence.plan.legacy.anyAudience !== true) return seen;
      return fails(
        'legacy.anyAudience: until the close the API takes whatever the issuer signs',
        'name legacy.audience, or legacy.audiences, as crossfade census shows them; the close ends it, too',
      );
    },
  },
  {
    area: 'api',
    item: 'expiry',
    source: 'RFC 9068 §4, RFC 7519 §4.1.4',
    level: 'must',
    what: 'refuses tokens past exp',
    why: 'a token that leaked once is good for ever',
    runbook: 'disagreements',
    judge: (evidence) => byTraffic(evidence, ['expired'], 'an expired token'),
  },
  {
    area: 'api',
    item: 'leeway',
    source: 'RFC 7519 §4.1.4',
    level: 'should',
    what: 'tolerates clocks that differ by no more than a few minutes',
    why: 'a longer leeway extends the life of every token',
    runbook: 'rejections-rising',
    judge({ plan }) {
      const detail = `clockTolerance is ${formatDuration(plan.clockToleranceMs)}`;
      if (plan.clockToleranceMs > LONGEST_LEEWAY_MS)
        return fails(detail, 'set it to 5m or less; synchronise the clocks');
      if (enforces(plan)) return passes(detail);
      return unknowable(
        `${detail}, and the leeway of an API with a library of its own is not seen`,
        "see the leeway, or clock skew, of the API's library; ASP.NET has 5m by default",
      );
    },
  },
  {
    area: 'api',
    item: 'clocks',
    source: 'RFC 7519 §4.1.4, §4.1.5',
    level: 'should',
    what: 'has the time of the issuer',
    why: 'an API that is behind takes expired tokens, and one that is ahead refuses fresh ones',
    runbook: 'rejections-rising',
    judge(evidence) {
      const how = 'compare date -u there with the Date header of the issuer';
      const told = byFindings(evidence, ['clock'], unknowable('no server told its time', how));
      const isNear = evidence.findings.some(
        ({ check, verdict, detail }) => check === 'clock' && verdict === 'pass' && detail.includes('the sidecars'),
      );
      return told.verdict !== 'pass' || isNear
        ? told
        : unknowable(`${told.detail}; but no sidecar, which runs where the API does, told its time`, how);
    },
  },
  {
    area: 'api',
    item: 'type',
    source: 'RFC 9068 §4, RFC 8725 §3.11',
    level: 'must',
    what: 'tells an access token by its type: typ is at+jwt',
    why: 'another JWT of the same issuer and key passes for an access token',
    runbook: 'disagreements',
    judge(evidence) {
      const seen = byTraffic(evidence, ['wrong_type'], 'a JWT of another type');
      if (seen.verdict !== 'unknown') return seen;
      if (evidence.plan.target.typ === 'at+jwt') return seen;
      return unknowable(
        'target.typ is not set, so other access tokens are taken, too (never ID tokens)',
        'see what typ the target tokens have: crossfade inspect -; if it is at+jwt, set target.typ',
      );
    },
  },
  {
    area: 'api',
    item: 'id_token',
    source: 'RFC 8725 §3.12, RFC 9068 §5, OIDC Core §2',
    level: 'must',
    what: 'refuses ID tokens',
    why: 'any client that logs the user in holds one: it would call the API as the user',
    runbook: 'disagreements',
    judge(evidence) {
      const seen = byTraffic(evidence, ['id_token'], 'an ID token');
      if (seen.verdict === 'fail') return seen;
      const asked = whereTargetIsTaken(evidence, byFindings(evidence, ['id_token'], seen));
      return asked.verdict === 'unknown' && seen.verdict === 'pass' ? seen : asked;
    },
  },
  {
    area: 'api',
    item: 'scope',
    source: 'RFC 9068 §4, RFC 6750 §3.1',
    level: 'should',
    what: 'refuses tokens that lack the scope of the request, with 403 and insufficient_scope',
    why: 'the audience says which API, and the scope what may be done there',
    runbook: 'expand',
    judge: (evidence) =>
      evidence.plan.target.requiredScope === undefined
        ? unknowable(
            'the plan demands no scope (target.requiredScope), so Crossfade does not see what the API demands',
            'call a route with a token that lacks its scope: 403 is right',
          )
        : byTraffic(evidence, ['insufficient_scope'], 'too little scope'),
  },
];
