import { type Document, isNode, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import type { MigrationPlan, ObservationPlan } from './plan/plan.ts';
import { environmentOverrides, type Override } from './plan/plan-environment.ts';
import { type CheckedPlan, checkObservationPlan, checkPlan } from './plan/plan-schema.ts';
import { ConfigError, type Problem } from './vocabulary/error.ts';

/**
 * Reads the text of `crossfade.yaml` (YAML 1.2; JSON is YAML). Reads no file.
 * @param environment `CROSSFADE_SIDECAR_*`, `CROSSFADE_FLAGS_*`, `CROSSFADE_GATE_*` and `CROSSFADE_REVOCATION_*` override the text.
 * @throws {@link ConfigError} with every problem at once, each with its path and, where it stands in the text, its line.
 */
export function parsePlanText(
  text: string,
  environment: Readonly<Record<string, string | undefined>> = {},
): MigrationPlan {
  return parseText(text, environment, checkPlan);
}

/**
 * As {@link parsePlanText}, of a plan that may be for observing: without `legacy`, `target` or both.
 * @throws {@link ConfigError} like `parsePlanText`.
 */
export function parseObservationPlanText(
  text: string,
  environment: Readonly<Record<string, string | undefined>> = {},
): ObservationPlan {
  return parseText(text, environment, checkObservationPlan);
}

function parseText<Plan>(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
  check: (input: unknown) => CheckedPlan<Plan>,
): Plan {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  const input = toJs(document, lines);
  const { overrides, problems: unknownVariables } = environmentOverrides(environment);
  const checked = check(withOverrides(input, overrides));
  const problems = [
    ...checked.problems.map((problem) => locate(problem, document, lines, overrides)),
    ...unknownVariables,
  ];
  if (checked.plan === undefined || problems.length > 0) throw new ConfigError('plan', problems);
  return checked.plan;
}

function toJs(document: Document.Parsed, lines: LineCounter): unknown {
  const problems = document.errors.map((error) => ({ ...notYaml(error), line: lines.linePos(error.pos[0]).line }));
  if (problems.length > 0) throw new ConfigError('plan', problems);
  try {
    return document.toJS();
  } catch (error) {
    throw new ConfigError('plan', [notYaml(error as Error)]);
  }
}

function notYaml(error: Error): Problem {
  return { path: '', message: `is not valid YAML: ${error.message}` };
}

function withOverrides(input: unknown, overrides: readonly Override[]): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  let plan: Readonly<Record<string, unknown>> = { ...input };
  for (const { path, value } of overrides) {
    const [section, setting = ''] = path;
    const before = withoutRivals(section, setting, plan[section] as object | undefined);
    plan = replaceAt({ ...plan, [section]: before }, path, value);
  }
  return plan;
}

/** Sets one setting. A URL that stands for a mapping becomes its `url`. */
function replaceAt(
  within: unknown,
  [name = '', ...rest]: readonly string[],
  value: string,
): Readonly<Record<string, unknown>> {
  const mapping = typeof within === 'string' ? { url: within } : (within as Record<string, unknown> | undefined);
  return { ...mapping, [name]: rest.length === 0 ? value : replaceAt(mapping?.[name], rest, value) };
}

/** Another source of flags has other settings, and the gate reads one source of meters: an override drops those in the text. */
function withoutRivals(section: string, setting: string, before: object | undefined): object | undefined {
  if (setting === 'source') return {};
  const rival = section === 'gate' ? { prometheus: 'sidecars', sidecars: 'prometheus' }[setting] : undefined;
  return before && Object.fromEntries(Object.entries(before).filter(([name]) => name !== rival));
}

function locate(
  problem: Problem,
  document: Document.Parsed,
  lines: LineCounter,
  overrides: readonly Override[],
): Problem {
  const override = overrides.find(({ path }) => path.join('.') === problem.path);
  if (override !== undefined) return { ...problem, path: override.variable };
  const line = lineOf(problem.path.split('.'), document, lines);
  return line === undefined ? problem : { ...problem, line };
}

/** The line of the setting, or of the innermost mapping around a setting that is missing. */
function lineOf(path: readonly string[], document: Document.Parsed, lines: LineCounter): number | undefined {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node)) return lines.linePos((node as ParsedNode).range[0]).line;
  }
  return undefined;
}
