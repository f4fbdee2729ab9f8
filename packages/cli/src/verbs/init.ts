import { access, rename, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import {
  ConfigError,
  CrossfadeError,
  describeProblem,
  errorCode,
  formatInstant,
  type Problem,
  UnavailableError,
} from '@crossfade/core';
import { parsePlanText } from '@crossfade/core/plan-file';
import { createFlagStore, type Made } from '../init/create-flags.ts';
import { draftPlan } from '../init/draft-plan.ts';
import { gatherEvidence } from '../init/evidence.ts';
import { type InitOptions, readInitOptions } from '../init/init-options.ts';
import { planText } from '../init/plan-text.ts';
import type { VerbJson } from '../json/verb-json.ts';
import { errorJson, exitCodeOfError } from '../verb/error-report.ts';
import { EXIT } from '../verb/exit-code.ts';
import { DEFAULT_PLAN_PATH } from '../verb/read-plan.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

export async function run(invocation: Invocation): Promise<VerbResult<VerbJson<'init'>>> {
  const { options, report, cwd } = invocation;
  const init = readInitOptions(options);
  requireYes(init, invocation);
  const path = resolve(cwd, init.out);
  const isThere = await exists(path);
  if (isThere && !options.given('force')) {
    const message = `${init.out} exists: edit it, or choose another --out; --force keeps it under another name and writes a new one`;
    throw new ConfigError('init', [{ path: '--out', message }]);
  }
  if (!(await exists(dirname(path))))
    throw new ConfigError('init', [{ path: '--out', message: 'is in a folder that does not exist: create it first' }]);
  const { draft, notes } = await draftPlan(init, await gatherEvidence(init, invocation), invocation);
  const text = planText(draft);
  checkPlan(text);
  for (const note of notes) report.field('note', note);
  const next = nextCommands(init);
  if (options.given('dry-run')) {
    report.print(text);
    report.print(`Nothing was written (--dry-run). It would be ${init.out}, and ${describeStore(init)}.`);
    return { exitCode: EXIT.done, json: { plan: init.out, dryRun: true, text, made: [], notes, next } };
  }
  if (!(await isConfirmed(init, invocation))) {
    report.print('Nothing was written.');
    return { exitCode: EXIT.refused, json: { plan: null, made: [], notes, next: [] } };
  }
  const made: Made[] = [];
  try {
    await createFlagStore(init.store, dirname(path), invocation.operator, invocation.now, (one) => made.push(one));
    if (isThere) made.push(await setAside(path, invocation.now()));
    await writePlan(path, text);
    made.push({ what: `plan ${path}`, isNew: true });
  } catch (error) {
    if (!(error instanceof CrossfadeError)) throw error;
    return reportPartial(error, made, invocation);
  }
  printMade(invocation, made);
  report.print();
  report.print('Next:');
  for (const command of next) report.print(`  ${command}`);
  return { exitCode: EXIT.done, json: { plan: init.out, dryRun: false, made, notes, next } };
}

/** In a script, resources in AWS are made only by a command that says so. */
function requireYes({ store }: InitOptions, { options, report }: Invocation): void {
  if (store.kind !== 'appconfig' || options.given('yes') || options.given('dry-run') || report.isTerminal) return;
  const message = 'is required without a terminal: --appconfig creates resources in AWS (--dry-run shows which)';
  throw new ConfigError('init', [{ path: '--yes', message }]);
}

/** The options that settings come from. */
const OPTION_OF: Readonly<Partial<Record<string, string>>> = {
  migration: '--migration',
  'legacy.issuer': '--issuer',
  'target.issuer': '--issuer',
  'legacy.audience': '--legacy',
  'target.audience': '--target',
  'target.scope': '--scope',
  'target.resource': '--resource',
  clients: '--clients',
  'flags.endpoint': '--endpoint',
  'flags.path': '--flags',
  'sidecar.service': '--service',
  'sidecar.upstream': '--upstream',
};

/** @throws `ConfigError` in the words of the plan, with the options that are at fault. */
function checkPlan(text: string): void {
  try {
    parsePlanText(text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const problems = error.problems.map(
      ({ path, message }): Problem => ({
        path: OPTION_OF[path] ?? path,
        message: path === 'clients' ? message.replace('an empty list', 'the word none') : message,
      }),
    );
    const distinct = problems.filter(
      (one, at) => problems.findIndex((other) => describeProblem(other) === describeProblem(one)) === at,
    );
    throw new ConfigError('init', distinct);
  }
}

async function isConfirmed(init: InitOptions, { report, options }: Invocation): Promise<boolean> {
  if (options.given('yes') || !report.isTerminal) return true;
  report.print(`Will write ${init.out}, and make ${describeStore(init)}, as far as it is missing.`);
  const reply = await report.ask('Go on? (yes/no)');
  return reply?.trim().toLowerCase() === 'yes';
}

function describeStore({ store }: InitOptions): string {
  if (store.kind === 'file') return `the flag file ${store.path}`;
  return `application ${store.application}, environment ${store.environment} and profile ${store.profile} in AppConfig, the strategy crossfade-at-once and a first version of the flags`;
}

async function setAside(path: string, nowMs: number): Promise<Made> {
  const kept = `${path}.${formatInstant(nowMs).replace(/[:.]/g, '-')}.bak`;
  await asUnavailable(path, () => rename(path, kept));
  return { what: `the plan that was there, as ${kept}`, isNew: false };
}

function writePlan(path: string, text: string): Promise<void> {
  return asUnavailable(path, () => writeFile(path, text, { flag: 'wx' }));
}

async function asUnavailable(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new UnavailableError(`${path} cannot be written (${errorCode(error) ?? 'unknown reason'})`, { cause: error });
  }
}

function reportPartial(
  error: CrossfadeError,
  made: readonly Made[],
  invocation: Invocation,
): VerbResult<VerbJson<'init'>> {
  const { report } = invocation;
  printMade(invocation, made);
  const reasons = error instanceof ConfigError ? error.problems.map(describeProblem) : [error.message];
  for (const reason of reasons) report.warn(`crossfade init: ${reason}`);
  report.warn(
    made.length === 0
      ? 'Nothing was made.'
      : 'What is listed exists, and the plan was not written: cure the cause and repeat the command, which makes only what is missing.',
  );
  return { exitCode: exitCodeOfError(error), json: { plan: null, made, error: errorJson(error) } };
}

function printMade({ report }: Invocation, made: readonly Made[]): void {
  for (const { what, isNew } of made) report.field(isNew ? 'made' : 'was there', what, isNew ? 'green' : 'dim');
}

function nextCommands({ out, census }: InitOptions): readonly string[] {
  const config = out === DEFAULT_PLAN_PATH ? '' : ` --config ${out}`;
  return [
    `crossfade doctor${config}`,
    census.length > 0 ? `crossfade status${config}` : `crossfade-sidecar --config ${out}`,
    `CROSSFADE_CLIENT_SECRET=... crossfade verify${config} --client-id <client> --api <url>`,
  ];
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
