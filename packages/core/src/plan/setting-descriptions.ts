import { type SettingDescription, SIDECAR } from './sidecar-descriptions.ts';

const SIDE: Readonly<Record<string, SettingDescription>> = {
  issuer: {
    text: 'The `iss` of its tokens, character by character: an https URL, or any name if `keys` are given. A list holds several spellings of one issuer (a renamed domain, with and without the last slash); the first is its name.',
  },
  audience: {
    text: "The `aud` value. A list holds all that its tokens may carry (Entra's `api://guid` and `guid`); the first is its name. One of them in the token is enough. A side is known by exactly one of `audience`, `clientIds`, `withoutAudience` and `anyAudience`.",
  },
  clientIds: { text: 'Instead of `audience`: access tokens without `aud`, of these clients (Amazon Cognito).' },
  withoutAudience: {
    text: 'Instead of `audience`: access tokens without `aud`, or with an empty one, that are marked as access tokens or come from a known client. For issuers that never set it.',
  },
  anyAudience: {
    text: "Instead of `audience`, legacy only: every access token of this issuer that is not the target's. It accepts tokens that were issued for other APIs (a confused deputy): only with `clients`, only while a sidecar observes or with `acknowledgeRisk: true`, never with `upstreamToken: jwt`.",
  },
  acknowledgeRisk: { text: 'Required where `anyAudience` enforces: you know that it accepts tokens for other APIs.' },
  keys: {
    text: 'Where the public keys are: an https URL, a JWKS (`keys: { keys: [...] }`), or `{ url, allowHttp: true }`.',
    absent: "the issuer's metadata",
  },
  'keys.url': { text: 'The URL of the JWKS, by http in a network that you trust.' },
  'keys.allowHttp': { text: 'Says that the network on the way is trusted.' },
  'keys.keys': { text: 'The public keys themselves (RFC 7517 §5), no private or symmetric ones.' },
  algorithms: { text: 'The signature algorithms to accept.', absent: 'all of them' },
  typ: { text: 'Only RFC 9068 tokens, whose header has `typ: at+jwt`.', absent: 'access tokens of every type' },
  requiredScope: { text: 'Scope values that each token must carry.' },
  allowedClients: { text: 'The clients whose tokens it takes.', absent: 'all clients' },
  senderConstrained: {
    text: 'Only tokens that are bound to a key of their sender: by DPoP, by mutual TLS, or by either.',
  },
  claims: { text: 'Claims that a token must carry: for each a value, or a list of values.' },
  rolesClaim: {
    text: 'The claim of the roles: its name, or a list that leads to a nested one, such as `[realm_access, roles]`.',
    absent: '`roles`, else `cognito:groups`',
  },
  foreignAudiences: {
    text: "Which other `aud` values may stand next to this side's: `refuse`, or a list of those allowed. RFC 7519 §4.1.3 asks for ours among them.",
    absent: 'any',
  },
  introspection: { text: 'Takes opaque tokens, too, and asks the issuer about each (RFC 7662).' },
  'introspection.endpoint': { text: 'Where to ask.', absent: "from the issuer's metadata" },
  'introspection.clientId': { text: 'The client id of this API at the issuer.' },
  'introspection.clientSecretEnv': {
    text: 'The name of the environment variable that holds the secret: no plan holds one.',
  },
  'introspection.authentication': { text: 'How the client id and the secret are sent.' },
  'introspection.response': { text: '`jwt` asks for a signed response (RFC 9701).' },
  'introspection.impliesAudience': {
    text: 'Whether an active token without `aud` in the response is for this side, because the issuer has one API alone.',
  },
  'introspection.maxAgeSeconds': {
    text: 'How long a response is used again: a revoked token stays accepted for as long.',
  },
  'introspection.timeoutMs': { text: 'How long to wait for a response.' },
  scope: { text: 'What a login asks for.' },
  resource: { text: 'The `resource` parameter of a login (RFC 8707): an absolute URI without a fragment.' },
  tokenLifetime: { text: 'The longest life of an access token.' },
  sessionLifetime: { text: 'How long a refresh token can still mint tokens of this side.' },
};

const TOP: Readonly<Record<string, SettingDescription>> = {
  version: { text: 'The version of the plan language.' },
  migration: { text: 'Its name: 1 to 64 of a-z, 0-9 and -; the label of every metric.' },
  legacy: { text: 'The audience to leave. A sidecar that only observes works without it (census).' },
  target: { text: 'The audience to move to. A sidecar that only observes works without it (census).' },
  clients: {
    text: "The OAuth client ids of the issuers. An `aud` equal to one of them marks an ID token, unless the token says that it is an access token. Required where a side's audience is no URI, because it may be a client id; `[]` says that none is.",
  },
  clockTolerance: { text: 'By how much clocks may differ, as in Spring and Envoy; up to `5m`. The drain counts it.' },
  maxTokenBytes: {
    text: 'Longer tokens are rejected unread. Node.js itself ends a header section at 16 KiB: an API that takes longer ones needs `--max-http-header-size`.',
    absent: '`16384`',
  },
  revocation: { text: 'Where revoked tokens are listed: a Redis that every validator asks about each token.' },
  'revocation.redis': {
    text: 'Its URL, such as `rediss://user:password@redis.example.com:6379/0`. Keep a password out of the file: `CROSSFADE_REVOCATION_REDIS`.',
  },
  'revocation.by': { text: 'The claim that the list goes by.' },
  steps: { text: 'Where `crossfade advance` without `--to` goes next: ascending percentages, the last one 100.' },
  sunset: {
    text: 'A date, such as `2027-01-31`: responses to legacy tokens announce it (`Deprecation`, RFC 9745, and `Sunset`, RFC 8594), unless the sidecar observes. `Deprecation` is that date minus `legacy.sessionLifetime`, `legacy.tokenLifetime` and `gate.silence`: from then on every login has to ask for target for the drain to end in time. Behind a proxy that asks a `forward-auth` sidecar, copy both headers to the response.',
  },
  flags: { text: 'Where the positions of the two switches are read from.' },
  'flags.source': { text: 'A file, AWS AppConfig, or the AppConfig Agent.' },
  'flags.path': { text: 'Of the flag document.' },
  'flags.application': { text: 'The application in AppConfig: its name or its id.' },
  'flags.environment': { text: 'The environment in AppConfig.' },
  'flags.profile': { text: 'The configuration profile in AppConfig.' },
  'flags.pollInterval': { text: 'How often they are read: from `15s` to `1d`.' },
  'flags.region': { text: 'The AWS region.', absent: "the AWS SDK's" },
  'flags.endpoint': { text: 'The URL of AppConfig.', absent: "the AWS SDK's" },
  'flags.url': { text: 'The URL of the Agent.' },
};

const GATE: Readonly<Record<string, SettingDescription>> = {
  '': { text: 'What the drain gate demands, and what it reads.' },
  silence: {
    text: 'How long no legacy token may have been seen: at least the cycle of the slowest client. For a trial it may be seconds; with `prometheus` the gate passes five minutes later than it says.',
  },
  coverage: { text: 'The share of expected meters that must respond.' },
  blind: { text: 'How long the fleet may be out of sight without the watch starting again; at least `3m`.' },
  soak: {
    text: 'How long `crossfade advance` keeps a step before the next one.',
    absent: '`target.tokenLifetime`',
  },
  prometheus: {
    text: 'Prometheus, Thanos, Mimir or VictoriaMetrics: the base URL, below which `/api/v1` is, or a mapping for one that asks who queries.',
  },
  'prometheus.url': { text: 'The base URL; a user and a password in it are sent as HTTP Basic.' },
  'prometheus.timeout': { text: 'For each response.' },
  'prometheus.headers': {
    text: 'Sent with each request; none may be a secret. In the environment: `X-Scope-OrgID=team-a,...`.',
  },
  'prometheus.basic': { text: 'HTTP Basic. Of `basic`, `bearerTokenFile` and `sigv4` there is one at most.' },
  'prometheus.basic.username': { text: 'The user name.' },
  'prometheus.basic.passwordFile': { text: 'The file that holds the password.' },
  'prometheus.bearerTokenFile': { text: 'Holds a Bearer token, and is read for each request, because it is renewed.' },
  'prometheus.ca': {
    text: 'PEM file of the authorities that may sign its certificate.',
    absent: "the system's",
  },
  'prometheus.sigv4': {
    text: 'Signs with AWS Signature Version 4 and the credentials of the AWS SDK, as Amazon Managed Service for Prometheus asks.',
  },
  'prometheus.sigv4.region': { text: 'The AWS region.' },
  'prometheus.sigv4.service': { text: 'The AWS service.' },
  sidecars: {
    text: 'Instead of `prometheus`: the admin URL of each sidecar, or the URL of its `metrics` port, which `CROSSFADE_READ_TOKEN` opens for the CLI. A second URL that reaches the same sidecar counts as one that did not respond.',
    absent: "the plan's own sidecar",
  },
  acknowledged: {
    text: 'Reasons of tokens that cannot be verified, which the API may take without keeping the gate shut. The sidecars read it: deploy them with it. A verified token is never acknowledged away.',
    absent: 'none',
  },
};

/** Every setting of a plan by its dotted path. */
export const SETTING_DESCRIPTIONS: ReadonlyMap<string, SettingDescription> = new Map([
  ...Object.entries(TOP),
  ...below('legacy', SIDE),
  ...below('target', SIDE),
  ...below('gate', GATE),
  ...below('sidecar', SIDECAR),
]);

function below(
  section: string,
  settings: Readonly<Record<string, SettingDescription>>,
): [string, SettingDescription][] {
  return Object.entries(settings).map(([name, one]) => [name === '' ? section : `${section}.${name}`, one]);
}

/** The part of a JSON Schema that leads to its settings. */
interface SchemaNode {
  description?: string | undefined;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

/** Gives every setting in the JSON Schema of a plan its description, for the hover text of editors. */
export function describeSettings(schema: object): void {
  describeBelow(schema, []);
}

function describeBelow({ properties = {}, anyOf = [], oneOf = [] }: SchemaNode, path: readonly string[]): void {
  for (const [name, setting] of Object.entries(properties)) {
    const own = [...path, name];
    // A setting without one ends here, in the tests.
    const { text, absent } = SETTING_DESCRIPTIONS.get(own.join('.')) as SettingDescription;
    setting.description = absent === undefined ? text : `${text} Default: ${absent}.`;
    describeBelow(setting, own);
  }
  for (const choice of [...anyOf, ...oneOf]) describeBelow(choice, path);
}
