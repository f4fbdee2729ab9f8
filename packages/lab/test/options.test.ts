import { ConfigError } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { CLIENTS, HELP, parseOptions } from '../src/options.ts';

const drawSeed = () => 4711;

function problemsOf(argv: readonly string[]): string[] {
  try {
    parseOptions(argv, drawSeed);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ path }) => path);
    throw error;
  }
  return [];
}

describe('the command line of the lab', () => {
  it('needs no options: a seed is drawn, and the rest has defaults', () => {
    expect(parseOptions([], drawSeed)).toEqual({
      command: 'rehearse',
      seed: 4711,
      clients: CLIENTS.usual,
      fast: false,
      hold: false,
    });
  });

  it('accepts every option, with a space or an equals sign', () => {
    const all = ['--seed', '7', '--clients=40', '--fast', '--hold', '--picture', 'mix.svg'];
    expect(parseOptions(all, drawSeed)).toEqual({
      command: 'rehearse',
      seed: 7,
      clients: 40,
      fast: true,
      hold: true,
      picture: 'mix.svg',
    });
  });

  it('accepts the smallest and the largest seed', () => {
    expect(parseOptions(['--seed', '0'], drawSeed)).toMatchObject({ seed: 0 });
    expect(parseOptions(['--seed', '4294967295'], drawSeed)).toMatchObject({ seed: 4_294_967_295 });
  });

  it('reports every problem at once', () => {
    expect(problemsOf(['go', '--seed', '-1', '--clients', 'many', '--fats', '--hold=yes', '-x'])).toEqual([
      'go',
      '--fats',
      '--hold',
      '-x',
      '--seed',
      '--clients',
    ]);
  });

  it.each([
    [['--seed', '4294967296']],
    [['--seed', '1.5']],
    [['--seed']],
    [['--seed=']],
    [['--clients', '3']],
    [['--clients', '201']],
    [['--clients', '1e2']],
    [['--__proto__']],
    [['--picture']],
    [['--picture=']],
  ])('refuses %j', (argv) => {
    expect(problemsOf(argv)).toHaveLength(1);
  });

  it('prints help whatever other options are given', () => {
    expect(parseOptions(['--help'], drawSeed)).toEqual({ command: 'help' });
    expect(parseOptions(['-h', '--nonsense'], drawSeed)).toEqual({ command: 'help' });
    for (const option of ['-v', '--version'])
      expect(parseOptions([option, '--fast'], drawSeed)).toEqual({ command: 'version' });
  });

  it('lists every option in its help', () => {
    for (const option of ['--fast', '--seed', '--clients', '--hold', '--picture', '--help'])
      expect(HELP).toContain(option);
  });
});
