import { formatDuration, formatInstant, type ObservationPlan } from '@crossfade/core';
import { type Census, type CensusRow, gatherCensus } from '../fleet/census.ts';
import { listSidecars } from '../fleet/list-sidecars.ts';
import type { CensusRowJson } from '../json/evidence-json.ts';
import type { VerbJson } from '../json/verb-json.ts';
import {
  type LegacyProposal,
  legacySetting,
  proposalYaml,
  proposedSettings,
  proposeLegacy,
  refusedIssuers,
  spellingsOf,
} from '../output/legacy-proposal.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { Report } from '../verb/report.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

export async function run({
  observationPlan,
  report,
  now,
  env,
  signal,
}: Invocation): Promise<VerbResult<VerbJson<'census'>>> {
  const plan = await observationPlan();
  const urls = await listSidecars(plan, { env, signal });
  const taken = await gatherCensus(urls, { env, signal });
  const asked = urls.length;
  printCensus(report, plan, taken, { asked, nowMs: now() });
  const proposal = plan.legacy === undefined ? proposeLegacy(taken.rows, plan.target) : undefined;
  if (plan.legacy === undefined) printProposal(report, proposal, taken.rows);
  const isDone = asked > 0 && taken.missing.length === 0 && (plan.legacy !== undefined || proposal !== undefined);
  return {
    exitCode: isDone ? EXIT.done : EXIT.inconclusive,
    json: {
      migration: plan.migration,
      rows: taken.rows.map(rowJson),
      truncated: taken.isTruncated,
      asked,
      responded: asked - taken.missing.length,
      partial: taken.missing.length > 0,
      missing: taken.missing,
      proposal: proposal === undefined ? null : proposalJson(proposal, taken.rows),
    },
  };
}

function printCensus(
  report: Report,
  plan: ObservationPlan,
  { rows, isTruncated, missing }: Census,
  { asked, nowMs }: { readonly asked: number; readonly nowMs: number },
): void {
  const tokens = rows.length === 1 ? '1 kind of token' : `${rows.length} kinds of tokens`;
  const what = plan.legacy !== undefined && plan.target !== undefined ? 'that the plan refuses' : 'that arrived';
  report.print(report.style('bold', `${plan.migration}: ${tokens} ${what}`));
  for (const row of rows) report.field(`${row.count}`, describeRow(row, nowMs));
  if (isTruncated)
    report.field('truncated', 'a sidecar has seen more than it lists: see the rows of kind rest', 'yellow');
  const responded = asked - missing.length;
  if (plan.gate.prometheus !== undefined)
    report.field(
      'asked',
      `${responded} of ${asked} sidecars responded`,
      ...(responded === asked && asked > 0 ? [] : (['yellow'] as const)),
    );
  for (const { meter, why } of missing) report.field('missing', `${meter}: ${why}`, 'yellow');
}

function describeRow(row: CensusRow, nowMs: number): string {
  const { issuer, audiences, clientId, kind, signature, maxBytes, lastSeenMs } = row;
  return [
    kind === 'none' ? 'no token' : `${kind}, signature ${signature}`,
    ...(issuer === null ? [] : [`issuer ${issuer}`]),
    ...(audiences.length === 0 ? [] : [`audience ${audiences.join(' and ')}`]),
    ...(clientId === null ? [] : [`client ${clientId}`]),
    ...(maxBytes === 0 ? [] : [`up to ${maxBytes} bytes`]),
    ...(lastSeenMs === null ? [] : [`last ${formatDuration(Math.max(0, nowMs - lastSeenMs))} ago`]),
  ].join('; ');
}

function printProposal(report: Report, proposal: LegacyProposal | undefined, rows: readonly CensusRow[]): void {
  report.print();
  if (proposal === undefined) {
    report.print(
      'Nothing to propose yet: no access token has arrived that names an issuer and an audience that the plan takes.',
    );
    for (const note of notesOf(undefined, rows)) report.print(`- ${note}`);
    return;
  }
  report.print('Proposed for the plan:');
  report.print();
  report.print(proposalYaml(proposal).trimEnd());
  report.print();
  for (const note of notesOf(proposal, rows)) report.print(`- ${note}`);
}

/** What to check before the proposal goes into the plan. */
function notesOf(proposal: LegacyProposal | undefined, rows: readonly CensusRow[]): readonly string[] {
  const count = (...kinds: string[]) =>
    rows.filter(({ kind }) => kinds.includes(kind)).reduce((total, row) => total + row.count, 0);
  const [opaque, ids] = [count('opaque'), count('id')];
  return [
    ...(proposal === undefined ? [] : proposalNotes(proposal, rows)),
    ...refusedNotes(rows),
    ...(opaque === 0 ? [] : [`${opaque} requests came with an opaque token: legacy.introspection reads those.`]),
    ...(ids === 0 ? [] : [`${ids} requests came with an ID token: no API should take one, and the plan does not.`]),
  ];
}

/** Forged tokens may name any number of issuers. */
const MAX_REFUSED = 5;

function refusedNotes(rows: readonly CensusRow[]): readonly string[] {
  const refused = refusedIssuers(rows);
  if (refused.length === 0) return [];
  const more = refused.length - MAX_REFUSED;
  return [
    'Not proposed, because an issuer that is no https URL needs legacy.keys, and no plan takes a template or a wildcard:',
    ...refused.slice(0, MAX_REFUSED).map(({ issuer, count }) => `  ${JSON.stringify(issuer)} (${count} requests)`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

/** Whether tokens arrive that say neither what they are nor whose: a refresh token could look the same. */
function hidesKind({ candidates: [{ issuer, identity }] }: LegacyProposal, rows: readonly CensusRow[]): boolean {
  const isHidden = (row: CensusRow) => row.issuer === issuer && row.kind === 'unmarked' && row.clientId === null;
  return 'withoutAudience' in identity && rows.some(isHidden);
}

function proposalNotes(proposal: LegacyProposal, rows: readonly CensusRow[]): readonly string[] {
  const { candidates, clients } = proposal;
  const [first, ...others] = candidates;
  const isVerified = rows.some(({ issuer, signature }) => issuer === first.issuer && signature === 'verified');
  const isUnmarked = rows.some(({ issuer, kind }) => issuer === first.issuer && kind === 'unmarked');
  return [
    ...(isVerified ? [] : ['Signatures are unchecked: anyone can have sent these tokens. Check the issuer by name.']),
    ...(others.length === 0
      ? []
      : [
          `There are ${candidates.length} candidates; ${isVerified ? 'one with verified signatures' : 'the most frequent one'} is proposed. The others:`,
        ]),
    ...others.map((candidate) => `  ${JSON.stringify(legacySetting(candidate))} (${candidate.count} requests)`),
    ...(spellingsOf(proposal).length === 0
      ? []
      : ['Some look like other spellings of the proposed one: write both, as a list of issuers or of audiences.']),
    'legacy.tokenLifetime is 1h unless you set it: take the longest lifetime from the issuer; the gate waits for it.',
    'legacy.sessionLifetime is 30d unless you set it: the longest time that a refresh token gets new tokens.',
    ...(isUnmarked ? ['Some tokens do not say that they are access tokens: clients has to be complete.'] : []),
    ...(hidesKind(proposal, rows)
      ? ['Some tokens without aud name no client either: withoutAudience refuses them; legacy.anyAudience takes them.']
      : []),
    ...(clients === undefined
      ? [
          'clients is left out, because some tokens name no client: list the client ids of this issuer, or an empty list if no audience is one.',
        ]
      : []),
  ];
}

function rowJson({ firstSeenMs, lastSeenMs, ...row }: CensusRow): CensusRowJson {
  return { ...row, firstSeenAt: formatInstant(firstSeenMs), lastSeenAt: formatInstant(lastSeenMs) };
}

function proposalJson(proposal: LegacyProposal, rows: readonly CensusRow[]): VerbJson<'census'>['proposal'] {
  const settings = proposedSettings(proposal);
  return {
    ...settings,
    yaml: proposalYaml(proposal),
    candidates: proposal.candidates.map((candidate) => ({ ...legacySetting(candidate), count: candidate.count })),
    notes: notesOf(proposal, rows),
  };
}
