import { ConfigError } from '@crossfade/core';
import { expect, test } from 'vitest';
import { parseCommandLine, stateFolder } from '../../src/process/command-line.ts';

test.each([
  [[], { name: 'run', config: 'crossfade.yaml' }],
  [['--config', 'a.yaml'], { name: 'run', config: 'a.yaml' }],
  [['--config=a.yaml'], { name: 'run', config: 'a.yaml' }],
  [['--version'], { name: 'version' }],
  [['-v'], { name: 'version' }],
  [['-h'], { name: 'help' }],
  [['--config', 'missing.yaml', '--version'], { name: 'version' }],
  [['--help', '--version'], { name: 'help' }],
])('%j is the command %j', (argv, command) => {
  expect(parseCommandLine(argv)).toEqual(command);
});

test.each([[['--config']], [['--unknown']], [['positional']]])('%j is a usage error', (argv) => {
  expect(() => parseCommandLine(argv)).toThrow(ConfigError);
});

test.each([
  [{}, undefined],
  [{ CROSSFADE_STATE_DIRECTORY: '', STATE_DIRECTORY: '' }, undefined],
  [{ STATE_DIRECTORY: '/var/lib/crossfade' }, '/var/lib/crossfade'],
  [{ STATE_DIRECTORY: '/var/lib/crossfade:/var/lib/other' }, '/var/lib/crossfade'],
  [{ CROSSFADE_STATE_DIRECTORY: '/state', STATE_DIRECTORY: '/var/lib/crossfade' }, '/state'],
])('the state folder in %j is %s', (env, folder) => {
  expect(stateFolder(env)).toBe(folder);
});
