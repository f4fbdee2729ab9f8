import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { ConfigError, type Problem, SIGNATURE_ALGORITHMS, UnavailableError } from '@crossfade/core';
import {
  type LegacyCandidate,
  type LegacyProposal,
  proposedSettings,
  proposeLegacy,
  spellingsOf,
} from '../output/legacy-proposal.ts';
import { findIssuerMetadata, type IssuerMetadata } from '../probe/issuer-metadata.ts';
import { getJson } from '../verb/http-json.ts';
import type { Invocation } from '../verb/verb.ts';
import type { Evidence } from './evidence.ts';
import { clientIdsOf, type InitOptions } from './init-options.ts';
import {
  apiName,
  type LegacyIdentity,
  type PlanDraft,
  planDuration,
  proposeLegacyScope,
  proposeTargetScope,
  type Reasoned,
} from './plan-draft.ts';

/** A draft, and what the operator should know of where it comes from. */
export interface Drafted {
  readonly draft: PlanDraft;
  readonly notes: readonly string[];
}

/**
 * Puts a plan together from options, evidence, the issuer's metadata and, on a terminal, replies.
 * @throws `ConfigError` with everything that is neither given, proposed nor answered.
 */
export async function draftPlan(options: InitOptions, evidence: Evidence, invocation: Invocation): Promise<Drafted> {
  const notes = [...evidence.notes];
  const problems: Problem[] = [];
  const ask = createQuestions(invocation, problems);
  const first = proposeLegacy(evidence.rows);
  const given = await ask('issuer', 'Issuer (the iss of your tokens)', first?.candidates[0].issuer);
  const target = await ask('target', 'Target audience (the aud of the new tokens)', undefined);
  const proposal = target === '' ? first : proposeLegacy(evidence.rows, { issuer: given, audience: target });
  const candidate = proposal?.candidates.find(({ issuer }) => issuer === given);
  const legacyName = await ask(
    'legacy',
    'Legacy audience (the aud of the tokens of today)',
    candidate && identityName(candidate),
  );
  if (problems.length > 0) throw new ConfigError('init', problems);
  const { issuer, metadata, algorithms } = await readIssuer(given, notes, invocation.signal);
  noteProposal(proposal, candidate, notes);
  const legacy =
    candidate !== undefined && identityName(candidate) === legacyName ? candidate.identity : identityOf(legacyName);
  const legacyScope = proposeLegacyScope(metadata);
  const scope = invocation.options.text('scope');
  const service = await ask('service', 'Name of the API, in metrics', apiName(target));
  const guessed = 'http://127.0.0.1:3000';
  const upstream = await ask('upstream', 'Where the API listens', guessed);
  const settings = proposal && proposedSettings(proposal);
  const clients = await clientsOf(options, candidate && proposal, invocation);
  const year = new Date(invocation.now()).getUTCFullYear();
  return {
    notes,
    draft: {
      schemaPath: schemaPath(dirname(resolve(invocation.cwd, options.out))),
      migration:
        invocation.options.text('migration') ?? `${service.toLowerCase().replace(/[^a-z0-9-]+/g, '-')}-${year}`,
      issuer,
      legacy,
      legacyScope,
      legacyLifetime: lifetimeOf('audience' in legacy ? legacy.audience : '', evidence),
      target,
      targetScope:
        scope === undefined
          ? proposeTargetScope(target, legacyScope.value, metadata)
          : { value: scope, because: 'what a login asks for' },
      targetLifetime: lifetimeOf(target, evidence),
      resource: invocation.options.text('resource'),
      algorithms,
      clients,
      maxTokenBytes: typeof settings?.['maxTokenBytes'] === 'number' ? settings['maxTokenBytes'] : undefined,
      hasOpaqueTokens: evidence.rows.some(({ kind }) => kind === 'opaque'),
      introspectionEndpoint: metadata?.introspection_endpoint,
      store: options.store,
      sidecars: options.census,
      service,
      upstream: {
        value: upstream,
        because: upstream === guessed ? 'a guess: where the API listens' : 'where the API listens',
      },
    },
  };
}

/** Takes an option, else a reply, else the proposal. Without any, there is a problem. */
function createQuestions({ options, report }: Invocation, problems: Problem[]) {
  return async (name: string, question: string, proposal: string | undefined): Promise<string> => {
    const given = options.text(name);
    if (given !== undefined) return given;
    if (report.isTerminal && !options.given('yes')) {
      const reply = (await report.ask(`${question}${proposal === undefined ? '' : ` [${proposal}]`}:`))?.trim();
      if (reply !== undefined && reply !== '') return reply;
    }
    if (proposal !== undefined) return proposal;
    const sources = name === 'legacy' ? ', or let --census or --tokens propose it' : '';
    problems.push({ path: `--${name}`, message: `is required: ${question.toLowerCase()}${sources}` });
    return '';
  };
}

function identityName({ identity }: LegacyCandidate): string {
  if ('audience' in identity) return identity.audience;
  return 'clientIds' in identity ? identity.clientIds.join(',') : 'without-audience';
}

/** The names are those that `crossfade close` uses. */
function identityOf(name: string): LegacyIdentity {
  if (name === 'without-audience') return { withoutAudience: true };
  return name === 'any-audience' ? { anyAudience: true } : { audience: name };
}

function noteProposal(
  proposal: LegacyProposal | undefined,
  candidate: LegacyCandidate | undefined,
  notes: string[],
): void {
  if (proposal === undefined || candidate === undefined) return;
  if (proposal.candidates.length > 1) {
    const others = proposal.candidates.filter((one) => one !== candidate).map(identityName);
    notes.push(`other candidates for legacy: ${others.join(', ')} (crossfade census says more)`);
  }
  if (spellingsOf(proposal).length > 0)
    notes.push('some look like other spellings of legacy: write both, as a list of issuers or of audiences');
}

async function clientsOf(
  { clients }: InitOptions,
  proposal: LegacyProposal | undefined,
  { report, options }: Invocation,
): Promise<Reasoned<readonly string[]> | undefined> {
  if (clients !== undefined) return { value: clients, because: 'every client of this issuer: complete the list' };
  if (proposal?.clients !== undefined)
    return { value: proposal.clients, because: 'those whose tokens arrived: complete the list' };
  if (!report.isTerminal || options.given('yes')) return undefined;
  const ids = clientIdsOf(
    await report.ask(
      'OAuth client ids of this issuer, separated by commas, or none (empty only if both audiences are URIs):',
    ),
  );
  return ids && { value: ids, because: 'every client of this issuer' };
}

const GUESSED_LIFETIME = '1h';

function lifetimeOf(audience: string, { lifetimes }: Evidence): Reasoned<string> {
  const seconds = lifetimes.get(audience);
  if (seconds === undefined)
    return { value: GUESSED_LIFETIME, because: 'a guess: the longest lifetime of an access token of this side' };
  return { value: planDuration(seconds), because: 'the longest of the tokens that were read: check it at the issuer' };
}

interface ReadIssuer {
  readonly issuer: string;
  readonly metadata: IssuerMetadata | undefined;
  readonly algorithms: readonly string[];
}

/** An issuer that cannot be reached from here ends nothing: `doctor` checks it where the sidecars run. */
async function readIssuer(issuer: string, notes: string[], signal: AbortSignal): Promise<ReadIssuer> {
  try {
    const metadata = await findIssuerMetadata(issuer, signal);
    const isSlash = metadata.issuer.replace(/\/$/, '') === issuer.replace(/\/$/, '');
    if (!isSlash) {
      const message = 'has metadata that names another issuer: copy the iss of your tokens exactly';
      throw new ConfigError('init', [{ path: '--issuer', message }]);
    }
    if (metadata.issuer !== issuer)
      notes.push(
        `the metadata writes the issuer ${metadata.issuer}: taken, because values are compared character by character`,
      );
    return { issuer: metadata.issuer, metadata, algorithms: await algorithmsOf(metadata, signal) };
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    notes.push(`no metadata was read (${error.message}): scope and algorithms are guesses`);
    return { issuer, metadata: undefined, algorithms: [] };
  }
}

async function algorithmsOf({ jwks_uri: url }: IssuerMetadata, signal: AbortSignal): Promise<readonly string[]> {
  if (url === undefined) return [];
  try {
    const { keys = [] } = (await getJson(url, signal)).body as {
      readonly keys?: readonly { readonly alg?: unknown }[];
    };
    return SIGNATURE_ALGORITHMS.filter((name) => keys.some(({ alg }) => alg === name));
  } catch {
    return [];
  }
}

const SCHEMA = '@crossfade/core/crossfade.schema.json';

/** The schema that ships in core: that of the project around the plan, else the one that this program has. */
function schemaPath(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    const installed = join(at, 'node_modules', SCHEMA);
    if (existsSync(installed)) return asPath(relative(folder, installed));
    if (dirname(at) === at) break;
  }
  return createRequire(import.meta.url).resolve(SCHEMA);
}

function asPath(path: string): string {
  return path.startsWith('.') ? path : `./${path}`;
}
