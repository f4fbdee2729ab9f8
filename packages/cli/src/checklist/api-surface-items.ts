import { formatDuration } from '@crossfade/core';
import { type ChecklistItem, fails, inapplicable, passes, unknowable } from './checklist-item.ts';
import { byFindings, byTraffic, enforces, NO_API, NO_RESPONSE } from './seen.ts';

const LONGEST_LIFETIME_MS = 3_600_000;

/** What an API has to respond, how it has to be reached, and which tokens it should get. */
export const API_SURFACE_ITEMS: readonly ChecklistItem[] = [
  {
    area: 'api',
    item: 'challenge',
    source: 'RFC 6750 §3',
    level: 'must',
    what: 'responds to a request without a token with 401 and WWW-Authenticate, and without an error code',
    why: 'clients get another token upon it, and upon nothing else',
    runbook: 'expand',
    judge: (evidence) => byFindings(evidence, ['api'], NO_API),
  },
  {
    area: 'api',
    item: 'invalid_token',
    source: 'RFC 6750 §3.1',
    level: 'should',
    what: 'responds to a token that it refuses with 401 and error="invalid_token"',
    why: 'a client that gets 403 or 500 keeps its token, and fails until it expires',
    runbook: 'rejections-rising',
    judge: (evidence) =>
      byFindings(
        evidence,
        ['forged'],
        NO_API,
        ({ verdict, detail }) => verdict !== 'fail' || !detail.includes('taken'),
      ),
  },
  {
    area: 'api',
    item: 'gateways',
    source: 'RFC 6750 §3, RFC 9110 §11.6.1',
    level: 'should',
    what: 'stands behind gateways that pass Authorization, 401 and WWW-Authenticate on',
    why: 'a gateway that answers in place of the API hides what it refuses',
    runbook: 'expand',
    judge(evidence) {
      if (evidence.probes.length === 0) return NO_API;
      if (evidence.probes.every(({ bare }) => 'failure' in bare)) return NO_RESPONSE;
      return byFindings(evidence, ['gateway'], inapplicable('no response names a gateway (Server, Via)'));
    },
  },
  {
    area: 'api',
    item: 'query_token',
    source: 'RFC 6750 §2.3, RFC 9700 §4.3.2',
    level: 'should',
    what: 'takes no token from the query of a URL',
    why: 'URLs stand in logs, histories and Referer headers',
    runbook: 'expand',
    judge: () =>
      unknowable(
        'doctor puts no token into a URL, where it would be logged',
        'search the API and its gateways for access_token as a parameter; the library may have it on by default',
      ),
  },
  {
    area: 'api',
    item: 'tls',
    source: 'RFC 6750 §5.3, RFC 9700 §2.6',
    level: 'must',
    what: 'is reached over TLS alone',
    why: 'a bearer token that is read on its way is as good as stolen',
    runbook: 'expand',
    judge({ probes }) {
      if (probes.length === 0) return NO_API;
      const plain = probes.filter(({ api }) => !api.startsWith('https:'));
      const silent = probes.flatMap(({ api, bare }) => ('failure' in bare ? [`${api}: ${bare.failure}`] : []));
      if (plain.length === 0 && silent.length > 0)
        return unknowable(silent.join('; '), 'see that its certificate is valid here, and ask again');
      if (plain.length === 0) return passes('every API that was asked has an https URL and a valid certificate');
      return unknowable(
        `${plain.map(({ api }) => api).join(', ')} was asked without TLS`,
        'name the https URL that clients use: crossfade doctor --list --api <url>',
      );
    },
  },
  {
    area: 'api',
    item: 'sender_constrained',
    source: 'RFC 9700 §2.2.1',
    level: 'should',
    what: 'demands proof of possession (DPoP, RFC 9449, or mutual TLS, RFC 8705)',
    why: 'a bearer token that is stolen can be used by the thief',
    runbook: 'prepare',
    judge(evidence) {
      const { senderConstrained } = evidence.plan.target;
      if (senderConstrained === undefined)
        return fails(
          'target.senderConstrained is not set: the API takes bearer tokens',
          'consider it for after the migration, where clients and provider can do DPoP; short lifetimes limit the damage until then',
        );
      const seen = byTraffic(evidence, ['proof_required', 'proof_invalid'], 'no valid proof');
      if (seen.verdict === 'fail' || !enforces(evidence.plan)) return seen;
      return passes(`target.senderConstrained is ${senderConstrained}, and the sidecar enforces it`);
    },
  },
  {
    area: 'api',
    item: 'lifetime',
    source: 'RFC 6750 §5.3',
    level: 'should',
    what: 'gets tokens that live an hour at most',
    why: 'a token cannot be called back, unless a denylist is asked',
    runbook: 'prepare',
    judge: ({ plan: { target } }) =>
      target.tokenLifetimeMs <= LONGEST_LIFETIME_MS
        ? passes(`target.tokenLifetime is ${formatDuration(target.tokenLifetimeMs)}`)
        : fails(
            `target.tokenLifetime is ${formatDuration(target.tokenLifetimeMs)}`,
            'have the provider issue shorter ones; refresh tokens make up for it',
          ),
  },
  {
    area: 'api',
    item: 'introspection',
    source: 'RFC 7662 §2.1, §2.2, §4',
    level: 'must',
    what: 'introspects opaque tokens at an endpoint that demands authentication and calls unknown tokens inactive',
    why: 'an endpoint that answers anyone lets tokens be guessed',
    runbook: 'prepare',
    judge: (evidence) => byFindings(evidence, ['introspection'], inapplicable('the plan introspects no token')),
  },
];
