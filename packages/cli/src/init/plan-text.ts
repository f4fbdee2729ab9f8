import { yamlScalar } from '../output/legacy-proposal.ts';
import type { LegacyIdentity, PlanDraft } from './plan-draft.ts';

/** Writes a first plan with a comment for every section: what it is for, and where its values come from. */
export function planText(draft: PlanDraft): string {
  return [
    `# yaml-language-server: $schema=${draft.schemaPath}`,
    '# The plan of one migration, written by crossfade init. crossfade doctor checks it; docs/reference/plan.md has every setting.',
    'version: 1',
    '',
    '# The name of the migration: in metrics, alerts and the record of every move.',
    `migration: ${yamlScalar(draft.migration)}`,
    '',
    ...legacyLines(draft),
    '',
    ...targetLines(draft),
    '',
    ...clientLines(draft),
    '',
    ...storeLines(draft),
    '',
    '# Where crossfade advance goes next, in percent of logins; each step is soaked for gate.soak.',
    'steps: [1, 5, 25, 50, 100]',
    '',
    ...gateLines(draft),
    '',
    ...sidecarLines(draft),
    '',
  ].join('\n');
}

function legacyLines({ issuer, legacy, legacyScope, legacyLifetime, ...draft }: PlanDraft): readonly string[] {
  return [
    '# The side to leave: the tokens that APIs accept today.',
    'legacy:',
    `  issuer: ${yamlScalar(issuer)}`,
    ...identityLines(legacy),
    `  scope: ${yamlScalar(legacyScope.value)} # ${legacyScope.because}`,
    `  tokenLifetime: ${legacyLifetime.value} # ${legacyLifetime.because}; the gate waits for it`,
    '  sessionLifetime: 30d # how long a refresh token gets new legacy tokens: a guess; 0s if a refresh gets target tokens',
    ...(draft.hasOpaqueTokens
      ? [
          '  # Opaque tokens arrived. To read them, register this API at the issuer and uncomment:',
          `  # introspection: { ${draft.introspectionEndpoint === undefined ? '' : `endpoint: ${yamlScalar(draft.introspectionEndpoint)}, `}clientId: orders-api, clientSecretEnv: IDP_SECRET }`,
        ]
      : []),
  ];
}

function identityLines(legacy: LegacyIdentity): readonly string[] {
  if ('audience' in legacy) return [`  audience: ${yamlScalar(legacy.audience)}`];
  if ('clientIds' in legacy)
    return [`  clientIds: [${legacy.clientIds.map(yamlScalar).join(', ')}] # access tokens without aud, by client`];
  if ('withoutAudience' in legacy) return ['  withoutAudience: true # access tokens without aud'];
  return ['  anyAudience: true # whatever this issuer signs and is not for target: while observing only'];
}

function targetLines({
  issuer,
  target,
  targetScope,
  targetLifetime,
  resource,
  algorithms,
}: PlanDraft): readonly string[] {
  return [
    '# The side to go to: the tokens that APIs shall accept in the end.',
    'target:',
    `  issuer: ${yamlScalar(issuer)}`,
    `  audience: ${yamlScalar(target)}`,
    `  scope: ${yamlScalar(targetScope.value)} # ${targetScope.because}`,
    resource === undefined
      ? `  # resource: ${yamlScalar(target)} # RFC 8707: uncomment if the provider chooses the audience by it`
      : `  resource: ${yamlScalar(resource)} # sent with each request, RFC 8707`,
    `  tokenLifetime: ${targetLifetime.value} # ${targetLifetime.because}`,
    '  # typ: at+jwt # uncomment if the provider issues RFC 9068 tokens: ID tokens then never pass',
    ...(algorithms.length === 0
      ? []
      : [`  # algorithms: [${algorithms.join(', ')}] # of the keys that the issuer publishes now`]),
  ];
}

function clientLines({ clients, maxTokenBytes }: PlanDraft): readonly string[] {
  return [
    '# The OAuth client ids of this issuer: a token whose aud is one of them is an ID token, which no API takes.',
    clients === undefined
      ? '# clients: [web-app] # unknown: list them, or [] if no audience is a client id'
      : `clients: [${clients.value.map(yamlScalar).join(', ')}] # ${clients.because}`,
    ...(maxTokenBytes === undefined
      ? []
      : ['', '# Longer tokens are rejected unread; longer ones than usual arrive.', `maxTokenBytes: ${maxTokenBytes}`]),
  ];
}

function storeLines({ store }: PlanDraft): readonly string[] {
  const head =
    '# Where the two switches are kept: issue-target (what logins ask for) and accept-legacy (what APIs accept).';
  if (store.kind === 'file')
    return [
      head,
      '# A file is for trials and for machines that share it; AWS AppConfig is for fleets.',
      `flags: { source: file, path: ${yamlScalar(store.path)} }`,
    ];
  const { application, environment, profile, region, endpoint } = store;
  const setting = (name: string, value: string | undefined) =>
    value === undefined ? [] : [`  ${name}: ${yamlScalar(value)}`];
  return [
    head,
    'flags:',
    '  source: appconfig',
    ...setting('application', application),
    ...setting('environment', environment),
    ...setting('profile', profile),
    '  pollInterval: 15s # how soon a move, and a rollback, arrives; AppConfig allows no less',
    ...setting('region', region),
    ...setting('endpoint', endpoint),
  ];
}

function gateLines({ sidecars, targetLifetime }: PlanDraft): readonly string[] {
  return [
    '# What has to be true before crossfade close: the numbers of the gate.',
    'gate:',
    '  silence: 24h # no legacy token for as long; at least the cycle of the slowest client, such as a monthly batch',
    '  coverage: 0.99 # the share of expected instances that must have been watched',
    '  blind: 5m # how long the fleet may be out of sight without the watch starting again',
    `  soak: ${targetLifetime.value} # how long a step stays before the next one: the lifetime of a target token`,
    ...(sidecars.length === 0
      ? [
          '  # The meters of a fleet, one of the two; without them the sidecar below is the fleet.',
          '  # prometheus: http://prometheus:9090',
          '  # sidecars: [http://10.0.0.7:9464]',
        ]
      : [
          `  sidecars: [${sidecars.map(yamlScalar).join(', ')}] # those whose census was taken; list every one, or set prometheus`,
        ]),
  ];
}

function sidecarLines({ service, upstream }: PlanDraft): readonly string[] {
  return [
    '# The sidecar in front of an API. It observes: it judges and counts, and changes no request and no response.',
    'sidecar:',
    `  service: ${yamlScalar(service)} # the API, in metrics`,
    '  mode: proxy # or forward-auth (nginx, Envoy, Traefik), or collect (the API has a validator of its own)',
    '  judge: observe # enforce, once nothing disagrees',
    '  listen: 127.0.0.1:8080 # where clients, or the proxy in front, reach it',
    `  upstream: ${yamlScalar(upstream.value)} # ${upstream.because}`,
    '  admin: 127.0.0.1:9464 # metrics, status and dashboard: keep it on loopback',
  ];
}
