import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade verify [--client-id <id>] [--api <urls>] [--config crossfade.yaml] [--json]

Gets a token for each side, by client credentials or from files, and asks every API what it does with them. Each API gets a
GET request without a token, with a token whose signature is broken, with the legacy token and with the target token, and
with an ID token and a token for another API where they are given. Finds a provider that mints its default audience whatever
is asked for, APIs that refuse a valid token or take a wrong one, and proxies that strip the header (what the sidecars
counted is compared). Sends tokens to the URLs that are named and to nothing else, over https or on loopback; prints none.

  --client-id <id>              the client that asks for tokens; its secret is in the variable CROSSFADE_CLIENT_SECRET
  --client-secret-env <NAME>    another variable that holds the secret
  --legacy-scope <scope>        what to ask for, in place of the plan's scope without openid, profile and the like;
                                --target-scope likewise
  --dialect <name>              ask as your selector does: scope, resource, auth0, entra, cognito, pingone, okta or
                                keycloak (default: scope, and resource if the side has one)
  --audience-parameter          send the audience of the side as the parameter audience, as Auth0 wants it
  --legacy-token-file <path>    a token of the legacy side, or - for stdin; --target-token-file likewise
  --legacy-token-env <NAME>     an environment variable that holds it; --target-token-env likewise
  --id-token-file <path>        an ID token, which every API has to refuse; or --id-token-env <NAME>
  --foreign-token-file <path>   a token of the same issuer for another API, likewise; or --foreign-token-env <NAME>
  --api <urls>                  URLs of paths that need a token, separated by commas (default: sidecar.publicUrl, or
                                where the plan's own sidecar listens)
  --without-sidecars            do not compare what the sidecars counted, where they cannot be reached from here

Exit codes: 0 all as the plan says, 1 a finding, 2 an option is wrong, 3 an issuer or an API cannot be reached, 4 a response
says nothing of the token, or a sidecar cannot be asked.

  CROSSFADE_CLIENT_SECRET=... crossfade verify --client-id nightly-batch --api https://orders.example.com/orders
  crossfade verify --legacy-token-file legacy.txt --target-token-file target.txt --api https://orders.example.com/orders
`;

export const verify: VerbDefinition = {
  name: 'verify',
  summary: 'get a token for each side and see what every API does with it',
  help: HELP,
  options: {
    'client-id': 'string',
    'client-secret-env': 'string',
    'legacy-scope': 'string',
    'target-scope': 'string',
    dialect: 'string',
    'audience-parameter': 'boolean',
    'legacy-token-file': 'string',
    'target-token-file': 'string',
    'id-token-file': 'string',
    'foreign-token-file': 'string',
    'legacy-token-env': 'string',
    'target-token-env': 'string',
    'id-token-env': 'string',
    'foreign-token-env': 'string',
    api: 'string',
    'without-sidecars': 'boolean',
  },
  load: () => import('../verbs/verify.ts'),
};
