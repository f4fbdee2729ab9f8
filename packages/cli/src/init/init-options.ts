import { ConfigError, type Problem } from '@crossfade/core';
import { isSecureUrl } from '@crossfade/core/schema';
import { DEFAULT_PLAN_PATH } from '../verb/read-plan.ts';
import type { OptionValues } from '../verb/verb.ts';

/** Where the flags are kept. */
export type StoreOptions =
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'appconfig';
      readonly application: string;
      readonly environment: string;
      readonly profile: string;
      readonly region?: string;
      readonly endpoint?: string;
    };

/** What the command line says; the rest is proposed or asked for. */
export interface InitOptions {
  readonly out: string;
  readonly store: StoreOptions;
  readonly census: readonly string[];
  /** A path, or `-`. */
  readonly tokens: string | undefined;
  readonly clients: readonly string[] | undefined;
}

const URLS = 'must be the admin or metrics URLs of sidecars, such as http://127.0.0.1:9464, separated by commas';
const LOCATION =
  'must be application/environment/profile, such as orders/production/crossfade: the names of three AppConfig resources';

/** Reads the options that need no question. @throws `ConfigError` with each one that is wrong. */
export function readInitOptions(options: OptionValues): InitOptions {
  const problems: Problem[] = [];
  const census = listOf(options.text('census')) ?? [];
  if (census.some((url) => !/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')))
    problems.push({ path: '--census', message: URLS });
  if (options.given('census') && options.given('tokens'))
    problems.push({
      path: '--tokens',
      message: 'must be left out with --census: the legacy side is proposed from one of them',
    });
  const issuer = options.text('issuer');
  if (issuer !== undefined && !isSecureUrl(issuer)) {
    const message =
      'must be the iss of your tokens: an https URL without credentials (http on loopback only); for any other name write the plan by hand, with keys';
    problems.push({ path: '--issuer', message });
  }
  const store = storeOf(options, problems);
  if (problems.length > 0) throw new ConfigError('init', problems);
  return {
    out: options.text('out') ?? options.text('config') ?? DEFAULT_PLAN_PATH,
    store,
    census,
    tokens: options.text('tokens'),
    clients: clientIdsOf(options.text('clients')),
  };
}

function storeOf(options: OptionValues, problems: Problem[]): StoreOptions {
  const [location, region, endpoint] = ['appconfig', 'region', 'endpoint'].map((name) => options.text(name));
  if (location === undefined) {
    for (const name of ['region', 'endpoint'])
      if (options.given(name))
        problems.push({ path: `--${name}`, message: 'belongs to --appconfig: name application/environment/profile' });
    return { kind: 'file', path: options.text('flags') ?? './flags.json' };
  }
  if (options.given('flags'))
    problems.push({ path: '--flags', message: 'must be left out with --appconfig: the flags are in one store' });
  if (endpoint !== undefined && !URL.canParse(endpoint))
    problems.push({ path: '--endpoint', message: 'must be an http or https URL' });
  const [application = '', environment = '', profile = '', ...more] = location.split('/').map((name) => name.trim());
  if (application === '' || environment === '' || profile === '' || more.length > 0)
    problems.push({ path: '--appconfig', message: LOCATION });
  return {
    kind: 'appconfig',
    application,
    environment,
    profile,
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
  };
}

/** The word for an empty list: an empty value is none that was forgotten. */
const NO_CLIENTS = 'none';

/** The client ids that an operator writes; `undefined` where nothing is written. */
export function clientIdsOf(text: string | undefined): readonly string[] | undefined {
  const ids = listOf(text);
  if (ids === undefined || ids.length === 0) return undefined;
  return ids.length === 1 && ids[0] === NO_CLIENTS ? [] : ids;
}

function listOf(text: string | undefined): readonly string[] | undefined {
  return text
    ?.split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
