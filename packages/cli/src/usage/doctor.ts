import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade doctor [--list] [--api <urls>] [--config crossfade.yaml] [--json]

Asks everything that a migration depends on, and changes nothing: the plan; each issuer's metadata, keys and clock (sides that
share an issuer share its keys), and whether one kid names two keys; the client secrets that the plan names by environment
variable; introspection endpoints, about a made-up token; the denylist of revoked tokens; the flag store, its document and
what readers ignore in it; in AppConfig, the actions that AWS allows, alarms, other profiles, the strategy and deployments
in progress; every meter, with versions, plans and clocks of the sidecars and proxies that the plan does not name;
Prometheus' rules (loaded, of this release, evaluated lately), scrapes, retention and clock; and each API.

Each API gets one GET request without a token, one with a token that is signed with a throw-away key, and one with alg none.
Where CROSSFADE_TARGET_TOKEN and CROSSFADE_ID_TOKEN are set, it gets those too, over https or on loopback only. No token is
printed. Every request has a time limit.

  --api <urls>    URLs of paths that need a token, separated by commas (default: sidecar.publicUrl, or where the plan's own
                  sidecar listens, if it responds)
  --list          judge the rules of the literature to check before production, item by item with their sections: OIDC Core,
                  RFC 6750, 8725, 9068, 9700, 10017 and others, for clients, API, storage and issuer. Each one says pass, fail,
                  n/a or unknown, with the reason and how to know. Takes what the sidecars counted as evidence, too

Each line says pass, warn, fail, n/a or unknown (it cannot be known from here), why it matters, what to do, and the runbook.
Not asked: the token endpoint of sidecar.exchange (its secret is checked), and whether an introspection endpoint knows real
tokens (crossfade inspect tells).

Exit codes: 0 no check fails, 1 a check fails (with --list: a must), 2 the plan or an option is wrong.

  crossfade doctor --api https://orders.example.com/orders
  crossfade doctor --list --api https://orders.example.com/orders
`;

export const doctor: VerbDefinition = {
  name: 'doctor',
  summary: 'check the plan, issuers, APIs, Prometheus, flag store and meters',
  help: HELP,
  options: { api: 'string', list: 'boolean' },
  load: () => import('../verbs/doctor.ts'),
};
