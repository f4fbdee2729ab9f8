import { expect, test } from 'vitest';
import { stateFolder } from '../../src/process/state-folder.ts';

test.each([
  [{}, undefined],
  [{ CROSSFADE_STATE_DIRECTORY: '', STATE_DIRECTORY: '' }, undefined],
  [{ STATE_DIRECTORY: '/var/lib/crossfade' }, '/var/lib/crossfade'],
  [{ STATE_DIRECTORY: '/var/lib/crossfade:/var/lib/other' }, '/var/lib/crossfade'],
  [{ CROSSFADE_STATE_DIRECTORY: '/state', STATE_DIRECTORY: '/var/lib/crossfade' }, '/state'],
])('finds in %j the folder %s', (env, folder) => {
  expect(stateFolder(env)).toBe(folder);
});
