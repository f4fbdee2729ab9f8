import { ConfigError } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { SCENARIOS } from '../k6/catalogue.ts';
import { HELP, parseLoadOptions } from '../k6/load-options.ts';

const problemsOf = (...argv: string[]): string[] => {
  try {
    parseLoadOptions(argv);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ path, message }) => `${path} ${message}`);
  }
  return [];
};

describe('parseLoadOptions', () => {
  it('runs steady with its own duration and rate when no argument is given', () => {
    expect(parseLoadOptions([])).toEqual({
      command: 'run',
      scenario: 'steady',
      seconds: SCENARIOS.steady.seconds,
      rate: SCENARIOS.steady.rate,
      p99Ms: 1000,
      out: 'load/results/steady',
      broken: false,
    });
  });

  it('reads every option', () => {
    const argv = ['close', '--duration', '2m', '--rate', '40', '--p99', '3s', '--out', '/tmp/x', '--broken'];
    expect(parseLoadOptions(argv)).toEqual({
      command: 'run',
      scenario: 'close',
      seconds: 120,
      rate: 40,
      p99Ms: 3000,
      out: '/tmp/x',
      broken: true,
    });
  });

  it('names every problem at once, with what there is', () => {
    expect(problemsOf('rolback', 'close', '--foo', '--rate', 'fast', '--duration', '5', '--p99')).toEqual([
      '--foo is not an option; there are --duration, --rate, --p99, --out, --broken, --help',
      'close is one scenario too many: name one',
      'rolback is not a scenario; there are steady, ramp, rollback, close, hostile, soak',
      '--duration must be a duration such as 500ms, 30s or 5m, but is "5"',
      '--rate must be an even whole number from 2 to 5000, but is "fast"',
      '--p99 must be a duration such as 500ms, 30s or 5m, but is ""',
    ]);
  });

  it('refuses a duration in which a scenario cannot show what it is for', () => {
    expect(problemsOf('close', '--duration', '10s')).toEqual([
      '--duration must be from 24s to 24h for this scenario, but is 10s',
    ]);
  });

  it('lists each scenario and option in its help', () => {
    expect(parseLoadOptions(['close', '--help'])).toEqual({ command: 'help' });
    for (const name of Object.keys(SCENARIOS)) expect(HELP).toContain(`\n  ${name} `);
    for (const option of ['duration', 'rate', 'p99', 'out', 'broken', 'help']) expect(HELP).toContain(`--${option}`);
  });

  it('accepts the default duration and rate of every scenario', () => {
    for (const name of Object.keys(SCENARIOS)) expect(parseLoadOptions([name])).toMatchObject({ scenario: name });
  });
});
