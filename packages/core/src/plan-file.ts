import { type Document, isCollection, isMap, isNode, isScalar, LineCounter, type Pair, parseDocument } from 'yaml';
import { ConfigError, type Problem } from './error.ts';
import type { MigrationPlan } from './plan.ts';
import { environmentOverrides, type Override } from './plan-environment.ts';
import { parsePlan } from './plan-schema.ts';

/**
 * Reads the text of `crossfade.yaml` (YAML 1.2; JSON is YAML). Reads no file.
 * @param environment variables whose `CROSSFADE_SIDECAR_*` and `CROSSFADE_FLAGS_*` override the text.
 * @throws {@link ConfigError} with every problem at once, each with its path and, where it stands in the text, its line.
 */
export function parsePlanText(
  text: string,
  environment: Readonly<Record<string, string | undefined>> = {},
): MigrationPlan {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      path: '',
      message: `is not valid YAML: ${error.message}`,
      line: lines.linePos(error.pos[0]).line,
    }));
    throw new ConfigError('plan', problems);
  }
  const { overrides, problems } = environmentOverrides(environment);
  return parseLocated(withOverrides(document.toJS(), overrides), (path) => locate(path, document, lines, overrides), problems);
}

function parseLocated(input: unknown, located: (problem: Problem) => Problem, others: readonly Problem[]): MigrationPlan {
  let plan: MigrationPlan;
  try {
    plan = parsePlan(input);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError('plan', [...error.problems.map(located), ...others]);
  }
  if (others.length > 0) throw new ConfigError('plan', others);
  return plan;
}

function withOverrides(input: unknown, overrides: readonly Override[]): unknown {
  if (typeof input !== 'object' || input === null) return input;
  const plan: Record<string, unknown> = { ...input };
  for (const { path, value } of overrides) {
    const [section, setting] = path;
    plan[section] = { ...(plan[section] as object | undefined), [setting]: value };
  }
  return plan;
}

function locate(problem: Problem, document: Document, lines: LineCounter, overrides: readonly Override[]): Problem {
  const override = overrides.find(({ path }) => path.join('.') === problem.path);
  if (override !== undefined) return { ...problem, path: override.variable };
  const line = lineOf(problem.path.split('.'), document, lines);
  return line === undefined ? problem : { ...problem, line };
}

/** The line of the setting, or of the innermost mapping around a setting that is missing. */
function lineOf(path: readonly string[], document: Document, lines: LineCounter): number | undefined {
  let node: unknown = document.contents;
  let offset = isNode(node) ? node.range?.[0] : undefined;
  for (const step of path) {
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find((item) => isScalar(item.key) && String(item.key.value) === step);
      if (pair === undefined) break;
      offset = (isNode(pair.key) ? pair.key.range?.[0] : undefined) ?? offset;
      node = pair.value;
    } else if (isCollection(node)) {
      node = node.get(Number(step), true);
      offset = (isNode(node) ? node.range?.[0] : undefined) ?? offset;
    } else break;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}
