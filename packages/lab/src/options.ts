import { parseArgs } from 'node:util';
import { ConfigError, type Problem } from '@crossfade/core';

/** The options of a rehearsal. */
export interface LabOptions {
  /** Determines everything random about the population; the same seed gives the same clients. */
  readonly seed: number;
  /** The number of clients that use the API. */
  readonly clients: number;
  /** Shorter lifetimes and waits: ends within a minute. */
  readonly fast: boolean;
  /** Stay up after the migration has closed, to try the CLI. */
  readonly hold: boolean;
  /** The SVG file to draw the traffic to; absent: none. */
  readonly picture?: string;
}

export type LabCommand = { readonly command: 'help' | 'version' } | ({ readonly command: 'rehearse' } & LabOptions);

export const CLIENTS = { fewest: 4, most: 200, usual: 24 } as const;
export const LARGEST_SEED = 0xffff_ffff;

const OPTIONS = {
  seed: { type: 'string' },
  clients: { type: 'string' },
  fast: { type: 'boolean' },
  hold: { type: 'boolean' },
  picture: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

export const HELP = `crossfade-lab: rehearse a whole audience migration on this machine

Usage: crossfade-lab [--fast] [--seed n] [--clients n] [--hold] [--picture file]

  --fast          shorter lifetimes: ends within a minute (otherwise within three)
  --seed n        the same n gives the same population (0..${LARGEST_SEED}; default: random, printed)
  --clients n     number of clients that use the API (${CLIENTS.fewest}..${CLIENTS.most}; default ${CLIENTS.usual})
  --hold          stay up afterwards to try the CLI; Ctrl-C stops it
  --picture file  draw the traffic over time as SVG
  --help, -h      print this text
  --version, -v   print the version

Writes rehearsal.json to the current folder.
Exit codes: 0 closed with no valid request rejected, 1 anything else, 2 bad arguments.
`;

/**
 * Reads the command line.
 * @param drawSeed supplies the seed when none is given.
 * @throws {@link ConfigError} with every problem.
 */
export function parseOptions(argv: readonly string[], drawSeed: () => number): LabCommand {
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  if (values['help'] === true) return { command: 'help' };
  if (values['version'] === true) return { command: 'version' };

  const problems: Problem[] = positionals.map((word) => ({
    path: word,
    message: 'is not an argument of crossfade-lab: see --help',
  }));
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(OPTIONS, token.name) ? OPTIONS[token.name as keyof typeof OPTIONS] : undefined;
    if (option === undefined) problems.push({ path: token.rawName, message: 'is not an option: see --help' });
    else if (option.type === 'boolean' && token.value !== undefined)
      problems.push({ path: token.rawName, message: 'takes no value' });
  }
  const integer = (name: 'seed' | 'clients', fewest: number, most: number): number | undefined => {
    const text = values[name];
    if (text === undefined) return undefined;
    const value = typeof text === 'string' && /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= fewest && value <= most) return value;
    problems.push({ path: `--${name}`, message: `must be an integer ${fewest}..${most}` });
    return undefined;
  };
  const seed = integer('seed', 0, LARGEST_SEED);
  const clients = integer('clients', CLIENTS.fewest, CLIENTS.most);
  const picture = values['picture'];
  if (picture !== undefined && (typeof picture !== 'string' || picture === '')) {
    problems.push({ path: '--picture', message: 'must name the file to write' });
  }
  if (problems.length > 0) throw new ConfigError('arguments', problems);
  return {
    command: 'rehearse',
    seed: seed ?? drawSeed(),
    clients: clients ?? CLIENTS.usual,
    fast: values['fast'] === true,
    hold: values['hold'] === true,
    ...(typeof picture === 'string' && { picture }),
  };
}
