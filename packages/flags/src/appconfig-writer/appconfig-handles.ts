import { type AppConfigHandles, parseFlagDocument } from '@crossfade/core';
import type { AppConfigControlPlane } from './appconfig-control-plane.ts';
import type { AppConfigState } from './appconfig-state.ts';
import { toFlagText } from './hosted-content.ts';
import { parseMoveDescription } from './move-description.ts';

/** How many versions are read whose description does not tell their positions: each one is a call. */
const MAX_READ = 5;

/**
 * Creates what finds the ids and numbers for a rollback by hand. What may not be read is `null`: it must not fail a read of
 * the flags.
 */
export function createHandlesReader(
  plane: AppConfigControlPlane,
  endpoint: string | null,
): (state: AppConfigState) => Promise<AppConfigHandles> {
  // A hosted version never changes.
  const read = new Map<number, boolean>();

  async function isLegacyVersion(number: number): Promise<boolean> {
    const known = read.get(number);
    if (known !== undefined) return known;
    const isLegacy = await plane.hostedVersion(number).then(
      ({ content }) => isAllLegacy(content),
      () => false,
    );
    read.set(number, isLegacy);
    return isLegacy;
  }

  async function newestLegacyVersion({ servedVersion, content, versions }: AppConfigState): Promise<number | null> {
    if (servedVersion !== null) read.set(servedVersion, isAllLegacy(content));
    let reads = 0;
    for (const { number, description } of versions) {
      const described = parseMoveDescription(description);
      if (described !== undefined) {
        if (described.to.percent === 0 && described.to.acceptance === 'both') return number;
        continue;
      }
      if (!read.has(number)) reads += 1;
      if (reads <= MAX_READ && (await isLegacyVersion(number))) return number;
    }
    return null;
  }

  return async (state) => {
    const { ApplicationId, EnvironmentId, ConfigurationProfileId } = await plane.ids();
    const [region, strategy, legacyVersion] = await Promise.all([
      plane.region().catch(() => null),
      plane.strategy().catch(() => undefined),
      newestLegacyVersion(state),
    ]);
    return {
      applicationId: ApplicationId,
      environmentId: EnvironmentId,
      profileId: ConfigurationProfileId,
      region,
      endpoint,
      strategyId: strategy ?? null,
      legacyVersion,
      running: state.running,
    };
  };
}

function isAllLegacy(content: string): boolean {
  const parsed = parseFlagDocument(toFlagText(content));
  if (!parsed.ok) return false;
  const { issuance, acceptance, brownout } = parsed.document;
  return issuance.percent === 0 && acceptance === 'both' && brownout === null;
}
