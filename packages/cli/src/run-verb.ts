import { requireSides } from '@crossfade/core';
import { COMMON_OPTIONS, type CommandLine } from './command-line.ts';
import { VERBS } from './usage/verbs.ts';
import type { Io } from './verb/io.ts';
import { onePlanPath, planPaths } from './verb/plan-paths.ts';
import { readInput } from './verb/read-input.ts';
import { DEFAULT_PLAN_PATH, readPlan } from './verb/read-plan.ts';
import { createReport } from './verb/report.ts';
import { FIXED_TERMINAL } from './verb/terminal.ts';
import type { VerbDefinition, VerbResult } from './verb/verb.ts';

/** Loads a verb and what it needs, and runs it. Apart from `run`, which prints help without any of that. */
export async function runVerb(
  verb: VerbDefinition,
  { options, argument }: Pick<CommandLine, 'options' | 'argument'>,
  io: Io,
  format: 'text' | 'json',
): Promise<VerbResult> {
  const program = `crossfade ${verb.name}`;
  const config = options.text('config') ?? DEFAULT_PLAN_PATH;
  const observationPlan = async () => readPlan(await onePlanPath(config, io.cwd, program), io);
  const { run } = await verb.load();
  return run({
    options,
    argument,
    report: createReport(io, format),
    now: io.now ?? Date.now,
    env: io.env,
    signal: io.signal ?? new AbortController().signal,
    cwd: io.cwd,
    stdin: io.stdin,
    stdout: io.stdout,
    terminal: io.terminal ?? FIXED_TERMINAL,
    operator: io.env['CROSSFADE_OPERATOR'] || io.operator || 'unknown',
    plan: async () => requireSides(await observationPlan(), program),
    observationPlan,
    planPaths: () => planPaths(config, io.cwd),
    planAt: async (path) => requireSides(await readPlan(path, io), program),
    verbs: VERBS.map(({ name, summary, options: own }) => ({
      name,
      summary,
      options: [...Object.keys(own), ...Object.keys(COMMON_OPTIONS)].map((option) => `--${option}`),
    })),
    input: () => readInput(io.stdin),
  });
}
