import { parseArgs } from 'node:util';
import { ConfigError, didYouMean, type Problem } from '@crossfade/core/errors';
import { RESERVED_VERBS, VERBS } from './usage/verbs.ts';
import type { OptionValues, VerbDefinition } from './verb/verb.ts';

const SHORT: Readonly<Record<string, string>> = { help: 'h', version: 'v' };
/** The options that every verb takes. */
export const COMMON_OPTIONS = { config: 'string', json: 'boolean', help: 'boolean', version: 'boolean' } as const;
/** Words that messages may repeat. Anything longer or stranger could be a token in the wrong place. */
const QUOTABLE = /^[a-z][a-z0-9-]{0,23}$/i;

/** What to do in place of repeating an option. */
const TWICE: Readonly<Record<string, string>> = {
  config: "is given twice: one quoted pattern names several plans, such as 'plans/*.yaml'",
};

export interface CommandLine {
  /** Absent for a bare `--help` or `--version`. */
  readonly verb?: VerbDefinition;
  readonly options: OptionValues;
  /** The word after the verb. */
  readonly argument: string | undefined;
}

/**
 * Reads a command line. Options may stand before or after the verb.
 * @throws `ConfigError` that names every wrong verb, option and value, with the nearest valid one.
 */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const known = knownOptions();
  const tokens = tokensOf(argv, known);
  const words = wordsOf(tokens);
  const given = tokens.flatMap((token) => (token.kind === 'option' ? [token] : []));
  const values = new Map<string, string | true>(given.map((token) => [token.name, token.value ?? true]));
  const verb = findVerb(words[0], values.has('help') || values.has('version'));

  const argument = verb?.argument === undefined ? undefined : words[1];
  const problems = wordProblems(words.slice(argument === undefined ? 1 : 2), verb, argument, values.has('help'));
  const allowed: OptionTypes = {
    ...COMMON_OPTIONS,
    ...(verb === undefined ? known : verb.options),
  };
  const seen = new Set<string>();
  for (const { name, rawName, value } of given) {
    const problem = seen.has(name) ? (TWICE[name] ?? 'is given twice') : optionProblem(name, value, allowed, known);
    seen.add(name);
    if (problem !== undefined) problems.push({ path: QUOTABLE.test(name) ? rawName : 'an option', message: problem });
  }
  if (problems.length > 0) throw new ConfigError(verb?.name ?? 'command line', problems);
  const options: OptionValues = {
    text(name) {
      const value = values.get(name);
      return value === true ? undefined : value;
    },
    given: (name) => values.has(name),
  };
  return { ...(verb !== undefined && { verb }), options, argument };
}

/** The verb that a command line names, whatever else is wrong with it: its help says more than the overview. */
export function namedVerb(argv: readonly string[]): string | undefined {
  const [word] = wordsOf(tokensOf(argv, knownOptions()));
  return VERBS.find(({ name }) => name === word)?.name;
}

type OptionTypes = Readonly<Record<string, 'string' | 'boolean'>>;

function knownOptions(): OptionTypes {
  return Object.assign({}, COMMON_OPTIONS, ...VERBS.map(({ options }) => options));
}

function tokensOf(argv: readonly string[], known: OptionTypes) {
  const { tokens } = parseArgs({
    args: argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv],
    options: Object.fromEntries(
      Object.entries(known).map(([name, type]) => {
        const short = SHORT[name];
        return [name, { type, ...(short !== undefined && { short }) }];
      }),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens;
}

function wordsOf(tokens: ReturnType<typeof tokensOf>): readonly string[] {
  return tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
}

function findVerb(word: string | undefined, isInformational: boolean): VerbDefinition | undefined {
  const names = VERBS.map(({ name }) => name);
  if (word === undefined) {
    if (isInformational) return undefined;
    throw new ConfigError('command line', [{ path: 'verb', message: `is required: one of ${names.join(', ')}` }]);
  }
  const verb = VERBS.find(({ name }) => name === word);
  if (verb !== undefined) return verb;
  if (RESERVED_VERBS.includes(word)) {
    throw new ConfigError('command line', [{ path: word, message: 'is not available in this version' }]);
  }
  const message = `is not a verb${suggestion(didYouMean(word, names), '') || '.'} Verbs: ${names.join(', ')}`;
  throw new ConfigError('command line', [{ path: QUOTABLE.test(word) ? word : 'the first word', message }]);
}

function wordProblems(
  unexpected: readonly string[],
  verb: VerbDefinition | undefined,
  argument: string | undefined,
  isInformational: boolean,
): Problem[] {
  const takes = verb?.argument === undefined ? 'no argument' : `one argument (${verb.argument})`;
  const problems: Problem[] = unexpected.map((word) => ({
    path: '',
    message: `${verb?.name ?? 'help'} takes ${takes}${quoting(word)}`,
  }));
  if (verb?.argument !== undefined && verb.isArgumentOptional !== true && argument === undefined && !isInformational) {
    problems.push({ path: `<${verb.argument}>`, message: 'is required' });
  }
  return problems;
}

/** A shell that expands a pattern leaves the second file as a word of its own. */
function quoting(word: string): string {
  return /\.(?:ya?ml|json)$/.test(word) ? ": quote a pattern of several plans, such as 'plans/*.yaml'" : '';
}

function optionProblem(
  name: string,
  value: string | undefined,
  allowed: OptionTypes,
  known: OptionTypes,
): string | undefined {
  const type = allowed[name];
  if (type === 'string') return value === undefined || value === '' ? 'needs a value' : undefined;
  if (type === 'boolean') return value === undefined ? undefined : 'takes no value';
  if (name in known) return 'is an option of another verb';
  return `is not an option${suggestion(didYouMean(name, Object.keys(allowed)), '--')}`;
}

function suggestion(meant: string | undefined, prefix: string): string {
  return meant === undefined ? '' : `: did you mean ${prefix}${meant}?`;
}
