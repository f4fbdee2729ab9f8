import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ConfigError, errorCode, type ObservationPlan, type PrometheusPlan } from '@crossfade/core';
import { parseObservationPlanText } from '@crossfade/core/plan-file';
import type { Io } from './io.ts';

export const DEFAULT_PLAN_PATH = 'crossfade.yaml';
const FOLDERS = new WeakMap<ObservationPlan['flags'], string>();

/**
 * Reads the plan at `path`, which starts at the working directory; one for observing may lack a side. Relative paths in
 * the plan start at its own folder.
 * @throws `ConfigError` when the file cannot be read or the plan is wrong.
 */
export async function readPlan(path: string, { cwd, env }: Pick<Io, 'cwd' | 'env'>): Promise<ObservationPlan> {
  const file = resolve(cwd, path);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const reason = errorCode(error) ?? 'unknown reason';
    const message = reason === 'ENOENT' ? 'does not exist: name the plan with --config' : `cannot be read (${reason})`;
    throw new ConfigError('--config', [{ path, message }]);
  }
  const folder = dirname(file);
  const read = parseObservationPlanText(text, env);
  const plan = withAbsolutePaths(read, folder);
  FOLDERS.set(plan.flags, folder);
  return plan;
}

/** Makes the paths absolute that the CLI reads. */
function withAbsolutePaths(plan: ObservationPlan, folder: string): ObservationPlan {
  const { flags, gate } = plan;
  const absolute = (path: string) => resolve(folder, path);
  return {
    ...plan,
    flags: flags.source === 'file' ? { ...flags, path: absolute(flags.path) } : flags,
    gate: gate.prometheus === undefined ? gate : { ...gate, prometheus: resolvePrometheus(gate.prometheus, absolute) },
  };
}

function resolvePrometheus(settings: PrometheusPlan, absolute: (path: string) => string): PrometheusPlan {
  const { basic, bearerTokenFile, ca } = settings;
  return {
    ...settings,
    ...(basic !== undefined && { basic: { ...basic, passwordFile: absolute(basic.passwordFile) } }),
    ...(bearerTokenFile !== undefined && { bearerTokenFile: absolute(bearerTokenFile) }),
    ...(ca !== undefined && { ca: absolute(ca) }),
  };
}

/** Returns the folder of the file that a plan's `flags` were read from; `undefined` of others. */
export function planFolder({ flags }: Pick<ObservationPlan, 'flags'>): string | undefined {
  return FOLDERS.get(flags);
}
