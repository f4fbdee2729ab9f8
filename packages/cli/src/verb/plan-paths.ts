import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConfigError } from '@crossfade/core';
import { glob, isDynamicPattern } from 'tinyglobby';

/**
 * Returns the plans that `--config` names: the path itself, or the files that its pattern matches, sorted. A file whose
 * name looks like a pattern is that file.
 * @throws `ConfigError` when the pattern matches no file.
 */
export async function planPaths(config: string, cwd: string): Promise<readonly [string, ...string[]]> {
  if (!isDynamicPattern(config) || (await exists(resolve(cwd, config)))) return [config];
  const [first, ...more] = (await glob(config, { cwd, expandDirectories: false })).sort();
  if (first === undefined) {
    throw new ConfigError('--config', [
      { path: config, message: 'matches no file: expected the plans, such as plans/*.yaml' },
    ]);
  }
  return [first, ...more];
}

/**
 * Returns the one plan that `--config` names.
 * @param program what works on one plan, as it is typed: `crossfade gate`.
 * @throws `ConfigError` when its pattern matches another number of files.
 */
export async function onePlanPath(config: string, cwd: string, program: string): Promise<string> {
  const [path, ...more] = await planPaths(config, cwd);
  if (more.length === 0) return path;
  const message = `matches ${more.length + 1} plans, and ${program} works on one: name its file`;
  throw new ConfigError('--config', [{ path: config, message }]);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
