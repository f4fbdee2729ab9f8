import { ConfigError } from '@crossfade/core';
import { expect, test } from 'vitest';
import { parseCommandLine } from '../../src/process/command-line.ts';

test.each([
  [[], { name: 'run', config: 'crossfade.yaml' }],
  [['--config', 'a.yaml'], { name: 'run', config: 'a.yaml' }],
  [['--config=a.yaml'], { name: 'run', config: 'a.yaml' }],
  [['--version'], { name: 'version' }],
  [['--help', '--version'], { name: 'help' }],
])('%j asks for %j', (argv, command) => {
  expect(parseCommandLine(argv)).toEqual(command);
});

test.each([[['--config']], [['--unknown']], [['positional']]])('%j is wrong', (argv) => {
  expect(() => parseCommandLine(argv)).toThrow(ConfigError);
});
