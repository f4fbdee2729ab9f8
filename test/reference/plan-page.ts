import { planJsonSchema } from '@crossfade/core';
import { settingVariables } from '../../packages/core/src/plan/plan-environment.ts';
import { SETTING_DESCRIPTIONS } from '../../packages/core/src/plan/setting-descriptions.ts';
import { code, codes, pageHead, table } from './markdown.ts';
import { LINKS_OF_SETTINGS } from './setting-links.ts';

interface SchemaNode {
  readonly type?: string;
  readonly const?: unknown;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly items?: SchemaNode;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

interface Setting {
  readonly path: string;
  readonly node: SchemaNode;
  readonly isRequired: boolean;
  /** The flag sources that take it, if not all of them do. */
  readonly sources: readonly string[];
}

const INTRO = `Every setting of \`crossfade.yaml\`, as the schema in the code has it. [The plan](../plan.md) says how to write one, and which
sections go together. An unknown setting is an error, and all problems come at once, each with its path and line.
\`crossfade.schema.json\` of \`@crossfade/core\` has the same texts for editors. Durations: \`15s\`, \`5m\`, \`24h\`, \`30d\`. Relative paths start at
the plan's own folder.`;

/** The page of every setting of a plan. */
export function planPage(): string {
  const all = settingsOf(planJsonSchema() as SchemaNode);
  const of = (isOf: (path: string) => boolean) => rowsOf(all.filter(({ path }) => isOf(path)));
  const within = (section: string) => of((path) => path.startsWith(`${section}.`));
  return [
    pageHead('Settings of the plan', 'the plan schema of core', INTRO),
    section(
      'The migration',
      of((path) => !/^(?:legacy|target|flags|gate|sidecar)\./.test(path)),
    ),
    section('A side (`legacy`, `target`)', sideRows(all)),
    section('Flags (`flags`)', within('flags')),
    section('The gate (`gate`)', within('gate')),
    section('The sidecar (`sidecar`)', within('sidecar')),
    ENVIRONMENT,
    table(
      ['variable', 'setting'],
      [...settingVariables()].map(([variable, path]) => [code(variable), code(path)]),
    ),
    '',
  ].join('\n');
}

const ENVIRONMENT = `## Environment

These variables take the place of a setting, in every program that reads the plan. Lists are separated by commas. A variable of
these four sections that names no setting is an error. \`CROSSFADE_GATE_SIDECARS\` takes the place of \`gate.prometheus\`, and the
other way round. Secrets are no settings: \`CROSSFADE_SIDECAR_READ_TOKEN\` (the sidecar) and \`CROSSFADE_READ_TOKEN\` (the CLI) hold
the read token, and \`clientSecretEnv\` names a variable of your own.
`;

function section(title: string, rows: readonly (readonly string[])[]): string {
  return `## ${title}\n\n${table(['setting', 'value', 'default', ''], rows)}\n`;
}

/** Both sides take the same settings: one row, without the name of the side. */
function sideRows(all: readonly Setting[]): readonly (readonly string[])[] {
  const targets = new Map(all.map((setting) => [setting.path, setting.node.default]));
  return all.flatMap((setting) => {
    const [side, ...rest] = setting.path.split('.');
    if (side !== 'legacy' || rest.length === 0) return [];
    const [, value = '', ofLegacy = '', text = ''] = rowOf(setting);
    const ofTarget = targets.get(`target.${rest.join('.')}`);
    const differs = ofTarget !== setting.node.default;
    return [[code(rest.join('.')), value, differs ? `${ofLegacy}; target: ${code(String(ofTarget))}` : ofLegacy, text]];
  });
}

function rowsOf(settings: readonly Setting[]): readonly (readonly string[])[] {
  return settings.map(rowOf);
}

function rowOf(setting: Setting): readonly string[] {
  const { path, node, sources } = setting;
  const { text, absent } = SETTING_DESCRIPTIONS.get(path) ?? { text: '' };
  const link = LINKS_OF_SETTINGS[path.replace(/^(?:legacy|target)\./, 'side.')];
  const whose = sources.length === 0 ? '' : `Of ${codes(sources)}. `;
  return [
    code(path),
    allowedIn(node),
    defaultOf(setting, absent),
    `${whose}${text}${link === undefined ? '' : ` ${link}`}`,
  ];
}

function defaultOf({ node, isRequired }: Setting, absent: string | undefined): string {
  if (isRequired) return 'required';
  if (absent !== undefined) return absent;
  if (node.default === undefined || node.default === '' || node.properties !== undefined) return '';
  return code(typeof node.default === 'string' ? node.default : JSON.stringify(node.default).replaceAll(',', ', '));
}

/** What a value may be, in a few words. */
function allowedIn(node: SchemaNode): string {
  const choices = node.anyOf ?? node.oneOf;
  if (choices !== undefined) return [...new Set(choices.map(allowedIn))].join(' or ');
  if (node.const !== undefined) return code(String(node.const));
  if (node.enum !== undefined) return codes(node.enum);
  if (node.type === 'boolean') return codes(['true', 'false']);
  if (node.type === 'array') return `list: ${allowedIn(node.items ?? {})}`;
  if (node.type === 'object') return 'mapping';
  if (node.type === 'number' || node.type === 'integer') return numberOf(node);
  if (node.pattern?.includes('(ms|s|m|h|d)') === true) return 'duration';
  return FORMATS[node.format ?? ''] ?? 'text';
}

const FORMATS: Readonly<Record<string, string>> = {
  uri: 'URL',
  date: 'date',
  'date-time': 'time',
  ipv4: 'IP address',
  ipv6: 'IP address',
  cidrv4: 'CIDR range',
  cidrv6: 'CIDR range',
};

function numberOf({ type, minimum, maximum, exclusiveMinimum }: SchemaNode): string {
  const kind = type === 'integer' ? 'whole number' : 'number';
  const least = exclusiveMinimum === undefined ? minimum : `above ${exclusiveMinimum}`;
  const most = maximum === Number.MAX_SAFE_INTEGER || maximum === undefined ? 'on' : `to ${maximum}`;
  return least === undefined ? kind : `${kind}, ${least} ${most}`;
}

/** Every setting of a schema, in its order, with its dotted path. */
function settingsOf(schema: SchemaNode, path: readonly string[] = []): readonly Setting[] {
  const choices = (schema.anyOf ?? schema.oneOf ?? [schema]).filter(({ properties }) => properties !== undefined);
  const names = [...new Set(choices.flatMap(({ properties = {} }) => Object.keys(properties)))];
  return names.flatMap((name) => {
    const having = choices.filter(({ properties = {} }) => properties[name] !== undefined);
    const nodes = having.map(({ properties = {} }) => properties[name] ?? {});
    const node = nodes.length === 1 ? (nodes[0] as SchemaNode) : merged(nodes);
    const setting: Setting = {
      path: [...path, name].join('.'),
      node,
      isRequired: having.every(({ required = [] }) => required.includes(name)) && isPlainChoice(schema),
      sources: having.length === choices.length ? [] : having.flatMap(({ properties = {} }) => sourceOf(properties)),
    };
    return [setting, ...settingsOf(node, [...path, name])];
  });
}

/** A key of one of several forms, such as `keys.url`, is required by that form alone. */
function isPlainChoice({ anyOf }: SchemaNode): boolean {
  return anyOf === undefined || anyOf.filter(({ properties }) => properties !== undefined).length === 1;
}

function sourceOf(properties: Readonly<Record<string, SchemaNode>>): readonly string[] {
  return properties['source'] === undefined ? [] : [String(properties['source'].const)];
}

/** One setting of several choices: the values of all, if they differ. */
function merged(nodes: readonly SchemaNode[]): SchemaNode {
  const constants = nodes.flatMap((node) => (node.const === undefined ? [] : [String(node.const)]));
  return constants.length === nodes.length ? { enum: constants } : (nodes[0] as SchemaNode);
}
