import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { AppConfigClientConfig } from '@aws-sdk/client-appconfig';
import {
  type AppConfigLocation,
  type Clock,
  ConflictError,
  editFlagDocument,
  type FlagWriter,
  parseFlagDocument,
  type SwitchChange,
  UnavailableError,
  type WriteReceipt,
} from '@crossfade/core';
import { versionLabel } from '../appconfig/appconfig-version-label.ts';
import { checkOptions } from '../polling/check-options.ts';
import { type AppConfigControlPlane, createAppConfigControlPlane } from './appconfig-control-plane.ts';
import { parseBasis, readStanding, type StandingFlags, toStoredFlags } from './appconfig-state.ts';
import { nameConflict, refuseConflict } from './check-conflict.ts';
import { awaitComplete, awaitFinal, describeDeployment } from './deployment.ts';
import { toFlagText, withSwitches } from './hosted-content.ts';

export interface AppConfigWriterOptions extends AppConfigLocation {
  /** Default: as the AWS SDK finds it. */
  readonly region?: string;
  /** Default: AWS. A loopback endpoint gets placeholder credentials. */
  readonly endpoint?: string;
  /** How long one call may take, in ms. Default: 5 s. */
  readonly timeoutMs?: number;
  /** Further settings of the SDK client, such as `credentials`. */
  readonly clientConfig?: AppConfigClientConfig;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

const EMERGENCY_ATTEMPTS = 4;
const EMERGENCY_PAUSE_MS = 250;

/**
 * Changes the two switches in a feature-flag profile of AWS AppConfig: stores a hosted version, deploys it to everybody
 * at once, waits for that and reads back what stands. Both of AppConfig's optimistic locks are used. An emergency write
 * first stops the deployment that holds the environment, whoever started it, and changes what then stands.
 * Does not create applications, environments or profiles: infrastructure code owns them.
 * @throws {@link ConfigError} when an option is wrong; from every method when the location does not exist or AWS refuses
 * the request.
 * @example
 * const writer = createAppConfigWriter({ application: 'orders', environment: 'prod', profile: 'crossfade' });
 */
export function createAppConfigWriter(options: AppConfigWriterOptions): FlagWriter {
  checkOptions('AppConfig writer', options);
  const { timeoutMs = 5000, now = Date.now } = options;
  const plane = createAppConfigControlPlane({ ...options, timeoutMs });
  return {
    read: async () => toStoredFlags(await readStanding(plane)),
    async write(change, basis, urgency) {
      if (urgency === 'emergency') return writeInEmergency(plane, change, now);
      const standing = await readStanding(plane);
      await refuseConflict(plane, standing, parseBasis(basis.version));
      return deploy(plane, change, standing, now);
    },
  };
}

async function deploy(
  plane: AppConfigControlPlane,
  change: SwitchChange,
  standing: StandingFlags,
  now: Clock,
): Promise<WriteReceipt> {
  const { text, revision } = editFlagDocument(toFlagText(standing.content), change, now());
  const content = withSwitches(standing.content, text);
  const description = describeChange(change);
  const label = versionLabel(revision, (standing.version ?? 0) + 1);
  const versionNumber = await nameConflict(plane, standing, () =>
    plane.createVersion({ content, label, description, onTopOf: standing.version }),
  );
  const number = await nameConflict(plane, { ...standing, version: versionNumber }, () =>
    plane.startDeployment({ versionNumber, description, onTopOf: standing.deployment }),
  );
  await awaitComplete(plane, number);
  const after = await readStanding(plane);
  if (after.servedVersion !== versionNumber || !isSamePosition(after.content, content)) {
    const culprit = after.deployment === null ? 'something' : await describeDeployment(plane, after.deployment);
    throw new ConflictError(`${culprit} replaced version ${versionNumber} right after it had been deployed`);
  }
  return { revision, writtenAtMs: now() };
}

/** AppConfig may write the same content in another order, and adds times of its own. */
function isSamePosition(content: string, expected: string): boolean {
  const [one, other] = [content, expected].map((hosted) => parseFlagDocument(toFlagText(hosted)));
  if (!one?.ok || !other?.ok) return false;
  const { acceptance, issuance } = one.document;
  return acceptance === other.document.acceptance && issuance.percent === other.document.issuance.percent;
}

async function writeInEmergency(plane: AppConfigControlPlane, change: SwitchChange, now: Clock): Promise<WriteReceipt> {
  let stopped: string | undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { running } = await readStanding(plane);
      if (running !== null) {
        stopped = await describeDeployment(plane, running);
        await stop(plane, running);
      }
      const receipt = await deploy(plane, change, await readStanding(plane), now);
      return stopped === undefined ? receipt : { ...receipt, stopped };
    } catch (error) {
      const mayPass = error instanceof ConflictError || error instanceof UnavailableError;
      if (!mayPass || attempt === EMERGENCY_ATTEMPTS) throw error;
      await delay(EMERGENCY_PAUSE_MS * attempt);
    }
  }
}

async function stop(plane: AppConfigControlPlane, number: number): Promise<void> {
  try {
    await plane.stopDeployment(number);
  } catch (error) {
    // It may have come to its end by itself in the meantime; whatever stands is changed next.
    if ((await plane.deployment(number)).State !== 'COMPLETE') throw error;
  }
  await awaitFinal(plane, number);
}

/** What a deployment is for and whose it is, for those who find it in their way. AWS takes ASCII only. */
function describeChange({ issuance, acceptance }: SwitchChange): string {
  const parts = [
    issuance === undefined ? undefined : `issue target ${issuance.percent} %`,
    acceptance === undefined ? undefined : `accept ${acceptance}`,
  ].filter((part) => part !== undefined);
  return `crossfade: ${parts.join(', ')} (process ${process.pid} on ${hostname().replace(/[^\x20-\x7e]/g, '?')})`;
}
