import { didYouMean } from '../schema/did-you-mean.ts';
import type { Problem } from '../vocabulary/error.ts';

const OVERRIDABLE: Readonly<Record<string, readonly string[]>> = {
  sidecar: [
    'service',
    'mode',
    'judge',
    'preflight',
    'listen',
    'tlsCert',
    'tlsKey',
    'tlsRequestCert',
    'upstream',
    'upstreamCa',
    'upstreamProtocol',
    'fastPath',
    'admin',
    'metrics',
    'trustedProxies',
    'publicUrl',
    'clientCertificateHeader',
    'methodHeader',
    'publicPaths',
    'upstreamToken',
    'maxConnections',
    'headerTimeout',
    'idleTimeout',
    'responseTimeout',
    'stallTimeout',
    'legacyConnections',
    'drainDelay',
    'drainTimeout',
    'exchange.endpoint',
    'exchange.clientId',
    'exchange.clientSecretEnv',
  ],
  flags: ['source', 'path', 'url', 'application', 'environment', 'profile', 'pollInterval', 'region', 'endpoint'],
  gate: [
    'silence',
    'coverage',
    'blind',
    'soak',
    'prometheus',
    'prometheus.url',
    'prometheus.timeout',
    'prometheus.headers',
    'prometheus.basic.username',
    'prometheus.basic.passwordFile',
    'prometheus.bearerTokenFile',
    'prometheus.ca',
    'prometheus.sigv4.region',
    'prometheus.sigv4.service',
    'sidecars',
    'acknowledged',
  ],
  revocation: ['redis', 'by'],
};
/** Secrets that the programs read for themselves: no setting of the plan, so that no file holds them. */
const SECRETS: readonly string[] = ['CROSSFADE_SIDECAR_READ_TOKEN'];
const OURS = /^CROSSFADE_(SIDECAR|FLAGS|GATE|REVOCATION)_/;

/** The environment variable of a setting: `gate.prometheus.bearerTokenFile` is `CROSSFADE_GATE_PROMETHEUS_BEARER_TOKEN_FILE`. */
function variableOf(section: string, setting: string): string {
  const words = setting.replace(/[A-Z]/g, (letter) => `_${letter}`).replaceAll('.', '_');
  return `CROSSFADE_${section}_${words}`.toUpperCase();
}

/** The variables that override settings, each with the dotted path of its setting. */
export function settingVariables(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(OVERRIDABLE).flatMap(([section, settings]) =>
      settings.map((setting) => [variableOf(section, setting), `${section}.${setting}`] as const),
    ),
  );
}

/** A setting that an environment variable overrides, by its dotted path. */
export interface Override {
  readonly path: readonly [section: string, ...setting: string[]];
  readonly variable: string;
  readonly value: string;
}

/** Finds the overrides of `sidecar`, `flags`, `gate` and `revocation` settings in `environment`, and reports variables that name no setting. */
export function environmentOverrides(environment: Readonly<Record<string, string | undefined>>): {
  readonly overrides: readonly Override[];
  readonly problems: readonly Problem[];
} {
  const known = settingVariables();
  const overrides: Override[] = [];
  const problems: Problem[] = [];
  for (const [variable, value] of Object.entries(environment)) {
    const [prefix] = OURS.exec(variable) ?? [];
    if (value === undefined || prefix === undefined || SECRETS.includes(variable)) continue;
    const path = known.get(variable)?.split('.') as Override['path'] | undefined;
    if (path !== undefined) overrides.push({ path, variable, value });
    else
      problems.push({
        path: variable,
        message: `is not a known setting${advice(prefix, variable, [...known.keys()])}`,
      });
  }
  // A changed `source` comes first: it decides which other settings there are. A whole setting comes before a part of it.
  overrides.sort(
    (one, other) =>
      Number(other.path[1] === 'source') - Number(one.path[1] === 'source') || one.path.length - other.path.length,
  );
  return { overrides, problems };
}

function advice(prefix: string, variable: string, known: readonly string[]): string {
  const rest = (name: string) => name.slice(prefix.length);
  const meant = didYouMean(rest(variable), known.filter((name) => name.startsWith(prefix)).map(rest));
  return meant === undefined ? ': unset it' : `; did you mean ${prefix}${meant}?`;
}
