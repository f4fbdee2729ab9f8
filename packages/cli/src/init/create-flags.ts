import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  type Clock,
  ConfigError,
  errorCode,
  ISSUE_TARGET_FLAG,
  parseFlagDocument,
  UnavailableError,
} from '@crossfade/core';
import { createAppConfigWriter, provisionAppConfig } from '@crossfade/flags/appconfig-writer';
import type { StoreOptions } from './init-options.ts';

/** Something that a migration needs, made now or found. */
export interface Made {
  readonly what: string;
  readonly isNew: boolean;
}

const ALL_LEGACY = '{\n  "issue-target": { "enabled": false },\n  "accept-legacy": { "enabled": true }\n}\n';

/**
 * Makes the flag store as far as it is missing: all logins ask for legacy, APIs accept both audiences. Can be repeated.
 * @param onMade called as soon as something exists, so that a failure can say what does.
 * @throws `ConfigError` when what exists is something else, `ConflictError` while another deployment is in progress,
 * `UnavailableError` when the store cannot be reached.
 */
export async function createFlagStore(
  store: StoreOptions,
  planFolder: string,
  operator: string,
  now: Clock,
  onMade: (made: Made) => void,
): Promise<void> {
  if (store.kind === 'file') return createFlagFile(resolve(planFolder, store.path), onMade);
  const { kind: _, ...location } = store;
  await provisionAppConfig(location, ({ kind, name, id, isNew }) => onMade({ what: `${kind} ${name} (${id})`, isNew }));
  const writer = createAppConfigWriter({ ...location, now });
  const stored = await writer.read();
  if (ISSUE_TARGET_FLAG in JSON.parse(stored.text)) {
    onMade({ what: `the flags, deployed in ${store.profile}${positionIn(stored.text)}`, isNew: false });
    return;
  }
  const note = { verb: 'init', operator, reason: 'first version' };
  const { revision } = await writer.write({}, stored, 'planned', note);
  onMade({ what: `the flags, deployed in ${store.profile} as revision ${revision}`, isNew: true });
}

async function createFlagFile(path: string, onMade: (made: Made) => void): Promise<void> {
  try {
    await writeFile(path, ALL_LEGACY, { flag: 'wx' });
    onMade({ what: `flag file ${path}`, isNew: true });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST')
      throw new UnavailableError(`the flag file ${path} cannot be written (${errorCode(error)})`);
    onMade({ what: `flag file ${path}${positionIn(await readFile(path, 'utf8'))}`, isNew: false });
  }
}

/**
 * Says where switches that were there stand, unless all is legacy.
 * @throws `ConfigError` when they cannot be read.
 */
function positionIn(text: string): string {
  const result = parseFlagDocument(text);
  if (!result.ok) throw new ConfigError('flag document', result.problems);
  const { issuance, acceptance } = result.document;
  const parts = [
    ...(issuance.percent > 0 ? [`${issuance.percent}% of logins ask for target already`] : []),
    ...(acceptance === 'target' ? ['legacy is closed already'] : []),
  ];
  return parts.length === 0 ? '' : `: ${parts.join(', and ')}`;
}
