import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade init [--issuer <url>] [--legacy <audience>] [--target <audience>] [--out crossfade.yaml] [--config crossfade.yaml] [--json]

Writes a first plan, with a comment for every section, and makes the flag store: all logins ask for legacy, APIs accept both
audiences. On a terminal it asks for what no option gives. Reads the issuer's metadata to propose scope and algorithms, and
the census of sidecars or pasted tokens to propose the legacy side, the clients and the lifetimes; tokens are decoded,
never stored or printed. Nothing that exists is overwritten; it can be repeated.

  --issuer <url>         the iss of your tokens
  --legacy <audience>    the aud of the tokens of today; or without-audience, or any-audience
  --target <audience>    the aud of the new tokens
  --scope <scope>        what a login asks for on the target side
  --resource <uri>       the resource parameter of the target side (RFC 8707)
  --clients <ids>        the OAuth client ids of the issuer, separated by commas, or none: required where an audience is no URI,
                         because it may be one of them
  --census <urls>        propose legacy from the census of these sidecars (with CROSSFADE_READ_TOKEN where they want one)
  --tokens <file|->      propose legacy from tokens, one in each line
  --service <name>       the API, in metrics; --upstream <url>: where it listens
  --migration <name>     the name of the migration: a-z, 0-9 and -
  --flags <path>         the flag file (default: ./flags.json, beside the plan)
  --appconfig <application/environment/profile>
                         keep the flags in AWS AppConfig, and create there what is missing: these three, the deployment
                         strategy crossfade-at-once and a first version; with --region <region>, --endpoint <url>
  --out <path>           where to write the plan (default: --config, else crossfade.yaml)
  --force                keep a plan that exists under another name, and write a new one
  --dry-run              print the plan; write and create nothing
  --yes                  do not ask; take what is proposed

Exit codes: 0 written, 1 declined, 2 an option is wrong or missing, 3 a sidecar or the store cannot be reached,
5 another deployment is in progress.

  crossfade init
  crossfade init --issuer https://idp.example.com --target https://api.example.com/orders --census http://127.0.0.1:9464 --yes
  crossfade init --issuer https://idp.example.com --legacy default-api --target https://api.example.com/orders --clients web-app \\
    --appconfig orders/production/crossfade --region eu-central-1 --yes
`;

export const init: VerbDefinition = {
  name: 'init',
  summary: 'write a first plan and make the flag store',
  help: HELP,
  options: {
    issuer: 'string',
    legacy: 'string',
    target: 'string',
    scope: 'string',
    resource: 'string',
    clients: 'string',
    census: 'string',
    tokens: 'string',
    service: 'string',
    upstream: 'string',
    migration: 'string',
    flags: 'string',
    appconfig: 'string',
    region: 'string',
    endpoint: 'string',
    out: 'string',
    force: 'boolean',
    'dry-run': 'boolean',
    yes: 'boolean',
  },
  load: () => import('../verbs/init.ts'),
};
