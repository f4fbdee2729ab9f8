import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatInstant, type MigrationPlan, parseFlagDocument, type StoredFlags } from '@crossfade/core';
import { z } from 'zod';
import { planFolder } from '../verb/read-plan.ts';

const FOLDER = '.crossfade';
/** A document of more feature flags is remembered without them. */
const MAX_FEATURES = 50;

const id = z.string().regex(/^[\w.-]{1,128}$/);
const number = z.int().positive().nullable();
const memory = z.object({
  readAt: z.iso.datetime(),
  source: z.string(),
  applicationId: id,
  environmentId: id,
  profileId: id,
  region: id.nullable(),
  endpoint: z.url({ protocol: /^https?$/ }).nullable(),
  strategyId: id.nullable(),
  legacyVersion: number,
  running: number,
  features: z.record(z.string().regex(/^[\w-]{1,128}$/), z.boolean()),
});

/** What was read last of an AppConfig store: what a rollback by hand needs. Holds no secret. */
export type StoreMemory = Readonly<z.infer<typeof memory>>;

type Plan = Pick<MigrationPlan, 'flags' | 'migration'>;

/** The file, beside the plan, that remembers the store; `undefined` of a plan that was read from no file. */
export function memoryPath(plan: Plan): string | undefined {
  const folder = planFolder(plan);
  return folder === undefined ? undefined : join(folder, FOLDER, `${plan.migration}.json`);
}

/**
 * Remembers what a read of the store returned. What it lacks stays as it was in the same profile. Never rejects: a folder that
 * cannot be written must not fail a verb.
 */
export async function rememberStore(plan: Plan, { handles, source, text }: StoredFlags, nowMs: number): Promise<void> {
  const path = memoryPath(plan);
  if (path === undefined || handles === undefined || source === undefined) return;
  const earlier = await recallStore(plan);
  const isSame = earlier?.profileId === handles.profileId && earlier.environmentId === handles.environmentId;
  const remembered: StoreMemory = {
    readAt: formatInstant(nowMs),
    source,
    ...handles,
    strategyId: handles.strategyId ?? (isSame ? earlier.strategyId : null),
    legacyVersion: handles.legacyVersion ?? (isSame ? earlier.legacyVersion : null),
    features: featuresOf(text) ?? (isSame ? earlier.features : {}),
  };
  await save(path, `${JSON.stringify(remembered, null, 2)}\n`).catch(() => undefined);
}

/** Returns what was read last from the plan's store; `undefined` if nothing was, or it is of another store. */
export async function recallStore(plan: Plan): Promise<StoreMemory | undefined> {
  const { flags } = plan;
  const path = memoryPath(plan);
  if (path === undefined || flags.source === 'file') return undefined;
  try {
    const remembered = memory.parse(JSON.parse(await readFile(path, 'utf8')));
    const source = `appconfig ${flags.application}/${flags.environment}/${flags.profile}`;
    return remembered.source === source ? remembered : undefined;
  } catch {
    return undefined;
  }
}

async function save(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
  await writeFile(temporary, text, { mode: 0o600 });
  await chmod(temporary, 0o600);
  await rename(temporary, path);
}

function featuresOf(text: string): Record<string, boolean> | undefined {
  const parsed = parseFlagDocument(text);
  if (!parsed.ok) return undefined;
  const { features } = parsed.document;
  return features.size > MAX_FEATURES ? {} : Object.fromEntries(features);
}
