import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConfigError, classifyAudience, formatDuration, type ObservationPlan, type Side } from '@crossfade/core';
import type { TokenProfileJson } from '../json/checks-json.ts';
import type { VerbJson } from '../json/verb-json.ts';
import { compareTokens, type Loss, type TokenComparison } from '../probe/compare-tokens.ts';
import { readGivenTokens, readTokenPair } from '../probe/given-tokens.ts';
import { identitiesOf } from '../probe/self-description.ts';
import { profileToken, type TokenProfile } from '../probe/token-profile.ts';
import { EXIT } from '../verb/exit-code.ts';
import { DEFAULT_PLAN_PATH } from '../verb/read-plan.ts';
import type { Report } from '../verb/report.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

export async function run(invocation: Invocation): Promise<VerbResult<VerbJson<'parity'>>> {
  const { report, options } = invocation;
  const tokens = await readTokens(invocation);
  const plan = await planIfThere(invocation);
  const [legacy, target] = [profileToken(tokens.legacy, plan?.legacy), profileToken(tokens.target, plan?.target)];
  if (legacy === undefined || target === undefined) return reportOpaque(report, { legacy, target }, tokens);
  const compared = compareTokens(legacy, target, plan?.revocation === undefined ? [] : [plan.revocation.by]);
  const ignored = new Set(
    options
      .text('ignore')
      ?.split(',')
      .map((name) => name.trim()),
  );
  const losses = [...compared.losses, ...sideLosses(plan, { legacy, target })].filter(({ name }) => !ignored.has(name));
  printComparison(report, { legacy, target }, { ...compared, losses });
  return {
    exitCode: losses.length === 0 ? EXIT.done : EXIT.refused,
    json: {
      losses,
      notes: compared.notes,
      personal: compared.personal,
      gained: compared.gained,
      issuer: sameness(legacy.issuer, target.issuer),
      subject: sameness(legacy.subject, target.subject),
      client: sameness(legacy.clientId, target.clientId),
      legacy: profileJson(legacy),
      target: profileJson(target),
    },
  };
}

async function readTokens(invocation: Invocation): Promise<Readonly<Record<Side, string>>> {
  const { argument } = invocation;
  if (argument === '-') return readTokenPair(invocation);
  if (argument !== undefined) {
    const message = 'must be - (two tokens on stdin): a token on the command line stays in the history of the shell';
    throw new ConfigError('parity', [{ path: '<->', message }]);
  }
  const { legacy, target } = await readGivenTokens(invocation);
  if (legacy !== undefined && target !== undefined) return { legacy, target };
  const problems = (['legacy', 'target'] as const)
    .filter((side) => (side === 'legacy' ? legacy : target) === undefined)
    .map((side) => ({
      path: `--${side}-token-file`,
      message: `is required: the path of a ${side} token, - for stdin, or --${side}-token-env <NAME>; or give both as two lines to crossfade parity -`,
    }));
  throw new ConfigError('parity', problems);
}

/** A plan says where the roles are. Two tokens can be compared without one. */
async function planIfThere({ options, cwd, observationPlan }: Invocation): Promise<ObservationPlan | undefined> {
  if (!options.given('config') && !(await exists(resolve(cwd, DEFAULT_PLAN_PATH)))) return undefined;
  return observationPlan();
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

type Profiles = Readonly<Record<Side, TokenProfile>>;

/** A token that its own side of the plan does not take tells nothing of that side. */
function sideLosses(plan: ObservationPlan | undefined, { legacy, target }: Profiles): readonly Loss[] {
  if (plan?.legacy === undefined || plan.target === undefined) return [];
  const pair = identitiesOf({ legacy: plan.legacy, target: plan.target });
  const classOf = ({ issuer, audiences, clientId }: TokenProfile) =>
    classifyAudience({ issuer: issuer ?? '', audiences, clientId: clientId ?? undefined }, pair);
  const loss = (side: Side, found: string): readonly Loss[] => [
    {
      what: 'audience',
      name: 'aud',
      detail: `the ${side} token is not for the ${side} side of the plan (it is ${found})`,
    },
  ];
  const [ofLegacy, ofTarget] = [classOf(legacy), classOf(target)];
  return [
    ...(ofLegacy === 'legacy' || ofLegacy === 'bridge' ? [] : loss('legacy', ofLegacy)),
    ...(ofTarget === 'target' || ofTarget === 'bridge' ? [] : loss('target', ofTarget)),
  ];
}

function reportOpaque(
  report: Report,
  profiles: Readonly<Record<Side, TokenProfile | undefined>>,
  tokens: Readonly<Record<Side, string>>,
): VerbResult<VerbJson<'parity'>> {
  const sides = ['legacy', 'target'] as const;
  report.print(report.style('yellow', 'cannot be compared'));
  for (const side of sides) {
    const profile = profiles[side];
    const text =
      profile === undefined
        ? `opaque, ${tokens[side].length} bytes: only its issuer can say what it means (crossfade inspect asks, where the plan has introspection)`
        : `a JWT, ${profile.bytes} bytes, ${profile.claims.size} claims`;
    report.field(side, text);
  }
  const describe = (side: Side) => {
    const profile = profiles[side];
    return profile === undefined ? { kind: 'opaque' as const, bytes: tokens[side].length } : profileJson(profile);
  };
  return {
    exitCode: EXIT.inconclusive,
    json: { losses: null, legacy: describe('legacy'), target: describe('target') },
  };
}

function printComparison(
  report: Report,
  profiles: Profiles,
  { losses, notes, personal, gained }: TokenComparison,
): void {
  const { legacy, target } = profiles;
  const verdict = losses.length === 0 ? 'no loss' : `${losses.length} ${losses.length === 1 ? 'loss' : 'losses'}`;
  report.print(report.style(losses.length === 0 ? 'green' : 'red', verdict));
  for (const { what, name, detail } of losses) report.field(what, `${name}: ${detail}`, 'red');
  for (const note of notes) report.field('note', note);
  const pair = (label: string, read: (profile: TokenProfile) => string) => {
    const [one, other] = [read(legacy), read(target)];
    report.field(label, one === other ? one : `${one} -> ${other}`);
  };
  report.field('issuer', sameness(legacy.issuer, target.issuer));
  report.field('sub', sameness(legacy.subject, target.subject));
  report.field('client', sameness(legacy.clientId, target.clientId));
  pair('kind', ({ kind }) => kind);
  pair('typ', ({ typ }) => typ ?? 'none');
  pair('alg', ({ alg }) => alg ?? 'none');
  pair('lifetime', ({ lifetimeSeconds }) =>
    lifetimeSeconds === undefined ? 'unknown' : formatDuration(lifetimeSeconds * 1000),
  );
  pair('size', ({ bytes }) => `${bytes} bytes`);
  pair('scope', ({ scope }) => scope.join(' ') || 'none');
  pair('roles', ({ roles }) => roles.join(', ') || 'none');
  if (gained.length > 0) report.field('only target', gained.join(', '));
  for (const side of ['legacy', 'target'] as const) {
    if (personal[side].length > 0)
      report.field(
        'personal',
        `${side} has ${personal[side].join(', ')}: data about a person, in every API's logs`,
        'yellow',
      );
  }
  report.print('Signatures are unchecked: crossfade inspect - verifies a token.');
}

function sameness(one: unknown, other: unknown): 'same' | 'different' | 'absent' | 'only legacy' | 'only target' {
  const [isOne, isOther] = [one !== undefined && one !== null, other !== undefined && other !== null];
  if (!isOne) return isOther ? 'only target' : 'absent';
  if (!isOther) return 'only legacy';
  return one === other ? 'same' : 'different';
}

function profileJson({
  kind,
  bytes,
  typ,
  alg,
  scope,
  roles,
  lifetimeSeconds,
  audiences,
}: TokenProfile): TokenProfileJson {
  return {
    kind,
    bytes,
    typ: typ ?? null,
    alg: alg ?? null,
    scope,
    roles,
    lifetimeSeconds: lifetimeSeconds ?? null,
    audiences: audiences.length,
  };
}
