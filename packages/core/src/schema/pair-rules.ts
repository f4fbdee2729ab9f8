import { isObject } from './expected.ts';

/** What the rules look at, in the plan and in the options of a validator alike. */
interface SideInput {
  readonly issuer?: unknown;
  readonly audience?: unknown;
  readonly clientIds?: unknown;
  readonly withoutAudience?: unknown;
  readonly anyAudience?: unknown;
  readonly acknowledgeRisk?: unknown;
  readonly keys?: unknown;
  readonly typ?: unknown;
  readonly requiredScope?: unknown;
  readonly introspection?: unknown;
}

interface PairInput {
  readonly legacy: SideInput;
  readonly target: SideInput;
  readonly clients: unknown;
}

/** A rule over both sides: what is wrong, and where. */
interface PairRule {
  readonly path: readonly [string, ...string[]];
  readonly error: string;
  readonly isMet: (pair: PairInput) => boolean;
}

const namesOf = (value: unknown): readonly unknown[] => (value === undefined ? [] : [value].flat());
const overlap = (one: unknown, other: unknown): boolean => {
  const names = namesOf(other);
  return namesOf(one).some((name) => names.includes(name));
};
const shareIssuer = ({ legacy, target }: PairInput): boolean => overlap(legacy.issuer, target.issuer);

/** An audience with a scheme is the name of an API; any other may be a client id. */
const isUri = (name: unknown): boolean => typeof name === 'string' && /^[a-z][a-z0-9+.-]*:./i.test(name);
const mayBeClientId = ({ audience, typ, requiredScope }: SideInput): boolean =>
  typ === undefined && requiredScope === undefined && namesOf(audience).some((name) => !isUri(name));

const CLIENTS =
  'is required: an audience that is no URI may be a client id, and then ID tokens of that client carry it, too: list the client ids of this issuer, or an empty list if no audience of this side is one';

/** Every rule over both sides. A side that is left out is empty here. */
const PAIR_RULES: readonly PairRule[] = [
  {
    path: ['clients'],
    error: CLIENTS,
    isMet: ({ legacy, target, clients }) => clients !== undefined || !(mayBeClientId(legacy) || mayBeClientId(target)),
  },
  {
    path: ['target', 'audience'],
    error: 'must differ from legacy.audience when both sides share an issuer',
    isMet: (pair) => !shareIssuer(pair) || !overlap(pair.legacy.audience, pair.target.audience),
  },
  {
    path: ['target', 'clientIds'],
    error: 'must share no client with legacy.clientIds when both sides share an issuer',
    isMet: (pair) => !shareIssuer(pair) || !overlap(pair.legacy.clientIds, pair.target.clientIds),
  },
  {
    path: ['target', 'withoutAudience'],
    error: 'must be left out: a token without aud would belong to both sides, which share an issuer',
    isMet: (pair) => !shareIssuer(pair) || pair.target.withoutAudience === undefined || hasAudience(pair.legacy),
  },
  {
    path: ['legacy', 'withoutAudience'],
    error: 'must be replaced by legacy.clientIds: target.clientIds are tokens without aud of the same issuer, too',
    isMet: (pair) =>
      !shareIssuer(pair) || pair.legacy.withoutAudience === undefined || pair.target.clientIds === undefined,
  },
  {
    path: ['target', 'anyAudience'],
    error: 'must be left out: only the side that is being left may take any audience',
    isMet: ({ target }) => target.anyAudience === undefined,
  },
  {
    path: ['target', 'acknowledgeRisk'],
    error: 'must be left out: it belongs to legacy.anyAudience',
    isMet: ({ target }) => target.acknowledgeRisk === undefined,
  },
  {
    path: ['legacy', 'acknowledgeRisk'],
    error: 'must be left out: it belongs to legacy.anyAudience',
    isMet: ({ legacy }) => legacy.acknowledgeRisk === undefined || legacy.anyAudience !== undefined,
  },
  {
    path: ['clients'],
    error: 'is required by legacy.anyAudience: without the client ids of this issuer, its ID tokens pass, too',
    isMet: ({ legacy, clients }) => legacy.anyAudience === undefined || clients !== undefined,
  },
  {
    path: ['target', 'keys'],
    error:
      'must be left out, or be the same as legacy.keys, when both sides share an issuer: one issuer has one key set',
    isMet: (pair) => !shareIssuer(pair) || areSame(pair.legacy.keys, pair.target.keys),
  },
  {
    path: ['target', 'introspection', 'impliesAudience'],
    error: 'must not be true of both sides that ask one endpoint as one client: a response without aud has one meaning',
    isMet: (pair) => !shareIssuer(pair) || !implyTwoAudiences(pair.legacy.introspection, pair.target.introspection),
  },
];

function hasAudience({ withoutAudience, clientIds }: SideInput): boolean {
  return withoutAudience === undefined && clientIds === undefined;
}

function areSame(one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined || one === other) return true;
  return JSON.stringify(one) === JSON.stringify(other);
}

function implyTwoAudiences(one: unknown, other: unknown): boolean {
  if (!isObject(one) || !isObject(other)) return false;
  if (one['impliesAudience'] !== true || other['impliesAudience'] !== true) return false;
  return one['clientId'] === other['clientId'] && String(one['endpoint']) === String(other['endpoint']);
}

/** The problems of both sides together, each with its path. */
export function pairProblems(
  value: unknown,
): readonly { readonly path: readonly string[]; readonly message: string }[] {
  if (!isObject(value)) return [];
  const side = (name: string): SideInput => (isObject(value[name]) ? value[name] : {});
  const pair = { legacy: side('legacy'), target: side('target'), clients: value['clients'] };
  return PAIR_RULES.filter(({ isMet }) => !isMet(pair)).map(({ path, error }) => ({ path, message: error }));
}
