import { parseArgs } from 'node:util';
import { ConfigError, type Problem, parseDurationMs } from '@crossfade/core';
import { isScenario, SCENARIOS, type ScenarioName } from './catalogue.ts';

export interface LoadOptions {
  readonly scenario: ScenarioName;
  readonly seconds: number;
  /** Requests a second with valid tokens. */
  readonly rate: number;
  /** What the 99th percentile of valid requests must stay under. */
  readonly p99Ms: number;
  /** The folder of the summaries. */
  readonly out: string;
  /** Run against a release of the API that rejects target tokens, to see thresholds fail. */
  readonly broken: boolean;
}

export type LoadCommand = { readonly command: 'help' } | ({ readonly command: 'run' } & LoadOptions);

const OPTIONS = {
  duration: { type: 'string' },
  rate: { type: 'string' },
  p99: { type: 'string' },
  out: { type: 'string' },
  broken: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const RATES = { least: 2, most: 5000 } as const;
const LONGEST_SECONDS = 86_400;
const DEFAULT_P99_MS = 1000;

const scenarioLines = Object.entries(SCENARIOS)
  .map(([name, { summary, seconds, rate }]) => `  ${name.padEnd(10)} ${summary} (${seconds}s, ${rate} requests/s)`)
  .join('\n');

export const HELP = `npm run load -- <scenario> [--duration 30s] [--rate 100] [--p99 1000ms] [--out folder] [--broken]

Runs k6 against the lab: a real identity provider, two sidecars, and an API behind each. Rates are arrival rates.

${scenarioLines}

  --duration <t>   how long the load lasts, such as 45s, 10m or 2h
  --rate <n>       requests with valid tokens a second, both audiences together (${RATES.least} to ${RATES.most})
  --p99 <t>        what the 99th percentile of valid requests must stay under (default ${DEFAULT_P99_MS}ms)
  --out <folder>   where the summaries go (default load/results/<scenario>): summary.json, k6.json, report.html
  --broken         run against the API release that rejects target tokens, to see the thresholds fail
  --help, -h       print this text

Exit codes: 0 every threshold held, 99 a threshold failed, 1 the lab failed, 2 bad arguments, 3 k6 is not installed.
`;

/**
 * Reads the command line; without a scenario it is \`steady\`.
 * @throws {@link ConfigError} with every problem.
 */
export function parseLoadOptions(argv: readonly string[]): LoadCommand {
  const parsed = parseArgs({ args: [...argv], options: OPTIONS, strict: false, allowPositionals: true, tokens: true });
  const { values, positionals, tokens } = parsed;
  if (values['help'] === true) return { command: 'help' };

  const problems: Problem[] = [];
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const known = Object.hasOwn(OPTIONS, token.name) ? OPTIONS[token.name as keyof typeof OPTIONS] : undefined;
    if (known === undefined) {
      problems.push({ path: token.rawName, message: `is not an option; there are --${optionNames().join(', --')}` });
    } else if (known.type === 'boolean' && token.value !== undefined) {
      problems.push({ path: token.rawName, message: 'takes no value' });
    }
  }
  const [word = 'steady', ...surplus] = positionals;
  for (const more of surplus) problems.push({ path: more, message: 'is one scenario too many: name one' });
  const scenario = isScenario(word) ? word : undefined;
  if (scenario === undefined) {
    problems.push({ path: word, message: `is not a scenario; there are ${Object.keys(SCENARIOS).join(', ')}` });
  }
  const defaults = SCENARIOS[scenario ?? 'steady'];

  const given = (name: 'duration' | 'rate' | 'p99' | 'out'): string | undefined => {
    const value = values[name];
    // parseArgs gives `true` for an option without its value.
    return value === undefined ? undefined : typeof value === 'string' ? value : '';
  };
  const seconds = secondsOf(given('duration'), defaults, problems);
  const rate = rateOf(given('rate'), defaults.rate, problems);
  const p99Ms = durationOf('--p99', given('p99'), DEFAULT_P99_MS, problems);
  const out = given('out') ?? `load/results/${word}`;
  if (out === '') problems.push({ path: '--out', message: 'must name a folder' });
  if (scenario === undefined || problems.length > 0) throw new ConfigError('arguments', problems);
  return { command: 'run', scenario, seconds, rate, p99Ms, out, broken: values['broken'] === true };
}

const optionNames = () => Object.keys(OPTIONS);

function durationOf(path: string, text: string | undefined, usualMs: number, problems: Problem[]): number {
  if (text === undefined) return usualMs;
  const durationMs = parseDurationMs(text);
  if (durationMs !== undefined && durationMs > 0) return durationMs;
  problems.push({ path, message: `must be a duration such as 500ms, 30s or 5m, but is ${JSON.stringify(text)}` });
  return usualMs;
}

function secondsOf(
  text: string | undefined,
  { seconds, fewestSeconds }: (typeof SCENARIOS)[ScenarioName],
  problems: Problem[],
): number {
  const result = durationOf('--duration', text, seconds * 1000, problems) / 1000;
  if (result < fewestSeconds || result > LONGEST_SECONDS) {
    const range = `from ${fewestSeconds}s to ${LONGEST_SECONDS / 3600}h for this scenario`;
    problems.push({ path: '--duration', message: `must be ${range}, but is ${text}` });
  }
  return result;
}

function rateOf(text: string | undefined, usual: number, problems: Problem[]): number {
  if (text === undefined) return usual;
  const rate = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  // Half of them for each audience.
  if (rate >= RATES.least && rate <= RATES.most && rate % 2 === 0) return rate;
  const range = `an even whole number from ${RATES.least} to ${RATES.most}`;
  problems.push({ path: '--rate', message: `must be ${range}, but is ${JSON.stringify(text)}` });
  return usual;
}
