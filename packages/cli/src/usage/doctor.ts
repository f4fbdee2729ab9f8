import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade doctor [--config crossfade.yaml] [--json]

Checks everything a migration depends on: the plan; each issuer's metadata, keys and clock, or only its keys where the plan
names them (sides that share an issuer share its keys); the client secrets that the plan names by environment variable; each
introspection endpoint, which is asked about a made-up token; the denylist of revoked tokens; the flag store, its document
and what readers ignore in it; the AppConfig environment (alarms that would take a rollback back, other profiles that would
block it, the strategy without baking: appconfig:GetEnvironment and the List actions); and every meter, with the proxies in front of a sidecar that sidecar.trustedProxies does not name. Each line says pass, warn
or fail, and what to do. Changes nothing.

Not asked: the token endpoint of sidecar.exchange (its secret is checked), and whether an introspection endpoint knows real
tokens (crossfade inspect tells).

Exit codes: 0 no check fails, 1 a check fails, 2 the plan is wrong.

  crossfade doctor
`;

export const doctor: VerbDefinition = {
  name: 'doctor',
  summary: 'check the plan, the issuers, the secrets, the flag store and the meters',
  help: HELP,
  options: {},
  load: () => import('../verbs/doctor.ts'),
};
