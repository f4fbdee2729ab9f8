import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { AppConfigClientConfig } from '@aws-sdk/client-appconfig';
import {
  type AppConfigLocation,
  type Clock,
  ConflictError,
  editFlagDocument,
  type FlagWriter,
  type MoveNote,
  parseFlagDocument,
  type RecordedPosition,
  type RunningDeployment,
  type SwitchChange,
  UnavailableError,
  type WriteReceipt,
} from '@crossfade/core';
import { versionLabel } from '../appconfig/appconfig-version-label.ts';
import { checkOptions } from '../polling/check-options.ts';
import { appConfigName } from '../polling/store-name.ts';
import { storedRevision } from '../polling/stored-revision.ts';
import { type AppConfigControlPlane, createAppConfigControlPlane } from './appconfig-control-plane.ts';
import { createHandlesReader } from './appconfig-handles.ts';
import { readHistory } from './appconfig-history.ts';
import { type AppConfigState, parseExpectedVersion, readState, toStoredFlags } from './appconfig-state.ts';
import { checkConflict, nameConflict } from './check-conflict.ts';
import { awaitComplete, awaitFinal, describeDeployment, isRunning, TakenBackError } from './deployment.ts';
import { toFlagText, withSwitches } from './hosted-content.ts';
import { describeMove } from './move-description.ts';

export interface AppConfigWriterOptions extends AppConfigLocation {
  /** Default: as the AWS SDK finds it. */
  readonly region?: string;
  /** Default: AWS. A loopback endpoint gets placeholder credentials. */
  readonly endpoint?: string;
  /** Timeout of one call, in ms. Default: 5 s. */
  readonly timeoutMs?: number;
  /** Further settings of the SDK client, such as `credentials`. */
  readonly clientConfig?: AppConfigClientConfig;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

const DEFAULT_LIMIT = 100;
const EMERGENCY_ATTEMPTS = 4;
const EMERGENCY_PAUSE_MS = 250;

/**
 * Changes the two switches in a feature-flag profile of AWS AppConfig: stores a hosted version, deploys it to all clients
 * at once, waits for the deployment and reads the result back. Uses both of AppConfig's optimistic locks. An emergency
 * write first stops the deployment that blocks the environment, then changes the current flags.
 * Does not create applications, environments or profiles: infrastructure code owns them, or `provisionAppConfig` makes them.
 * @throws {@link ConfigError} when an option is wrong; from every method when the location does not exist or AWS refuses
 * the request.
 * @example
 * const writer = createAppConfigWriter({ application: 'orders', environment: 'prod', profile: 'crossfade' });
 */
export function createAppConfigWriter(options: AppConfigWriterOptions): FlagWriter {
  checkOptions('AppConfig writer', options);
  const { timeoutMs = 5000, now = Date.now } = options;
  const plane = createAppConfigControlPlane({ ...options, timeoutMs });
  const source = appConfigName(options);
  const handles = createHandlesReader(plane, options.endpoint ?? null);
  return {
    async read() {
      const state = await readState(plane);
      return toStoredFlags(state, source, await handles(state));
    },
    history: (limit = DEFAULT_LIMIT) => readHistory(plane, limit),
    running: () => readRunning(plane),
    async write(change, expected, urgency, note) {
      const written = { change, note };
      if (urgency === 'emergency') return writeInEmergency(plane, written, now);
      const state = await readState(plane);
      await checkConflict(plane, state, parseExpectedVersion(expected.version));
      return deploy(plane, written, state, now);
    },
  };
}

/** A change, and who makes it. */
interface Written {
  readonly change: SwitchChange;
  readonly note: MoveNote | undefined;
}

async function deploy(
  plane: AppConfigControlPlane,
  { change, note }: Written,
  state: AppConfigState,
  now: Clock,
): Promise<WriteReceipt> {
  const before = toFlagText(state.content);
  const { text, revision } = editFlagDocument(before, change, now());
  const content = withSwitches(state.content, text);
  const description = note === undefined ? describeChange(change) : describeNoted(note, revision, before, text);
  const label = versionLabel(revision, (state.version ?? 0) + 1);
  const versionNumber = await nameConflict(plane, state, () =>
    plane.createVersion({ content, label, description, expectedNewest: state.version }),
  );
  const number = await nameConflict(plane, { ...state, version: versionNumber }, () =>
    plane.startDeployment({ versionNumber, description, expectedNewest: state.deployment }),
  );
  await awaitComplete(plane, number);
  const after = await readState(plane);
  if (after.servedVersion !== versionNumber || !isSamePosition(after.content, content)) {
    const replacedBy = after.deployment === null ? 'another writer' : await describeDeployment(plane, after.deployment);
    throw new ConflictError(`${replacedBy} replaced version ${versionNumber} right after it had been deployed`);
  }
  return { revision, writtenAtMs: now() };
}

function describeNoted(note: MoveNote, revision: string, before: string, after: string): string {
  const from = positionOf(before);
  const to = positionOf(after) as RecordedPosition;
  return describeMove({ note, revision, ...(from !== undefined && { from }), to });
}

function positionOf(flagText: string): RecordedPosition | undefined {
  const parsed = parseFlagDocument(flagText);
  if (!parsed.ok) return undefined;
  return { percent: parsed.document.issuance.percent, acceptance: parsed.document.acceptance };
}

async function readRunning(plane: AppConfigControlPlane): Promise<readonly RunningDeployment[]> {
  const running: RunningDeployment[] = [];
  for await (const deployment of plane.deployments()) {
    // Older ones are final: an environment has one deployment at a time.
    if (!isRunning(deployment) || deployment.DeploymentNumber === undefined) break;
    running.push({
      name: await describeDeployment(plane, deployment.DeploymentNumber),
      startedAtMs: deployment.StartedAt?.getTime() ?? null,
    });
  }
  return running;
}

/** Compares Crossfade's own flags only: AppConfig may reorder the content and adds its own times. */
function isSamePosition(content: string, expected: string): boolean {
  const [one, other] = [content, expected].map((hosted) => parseFlagDocument(toFlagText(hosted)));
  if (!one?.ok || !other?.ok) return false;
  const { acceptance, issuance, brownout } = one.document;
  const wanted = other.document;
  const isSameBrownout =
    brownout?.percent === wanted.brownout?.percent && brownout?.untilMs === wanted.brownout?.untilMs;
  return acceptance === wanted.acceptance && issuance.percent === wanted.issuance.percent && isSameBrownout;
}

async function writeInEmergency(plane: AppConfigControlPlane, written: Written, now: Clock): Promise<WriteReceipt> {
  let stopped: string | undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const state = await readState(plane);
      const { running } = state;
      const standing = running === null ? undefined : await alreadyAllLegacy(plane, running, written.change, now);
      if (standing !== undefined) return standing;
      if (running !== null) {
        stopped = await describeDeployment(plane, running);
        await stop(plane, running);
      }
      const receipt = await deploy(plane, written, running === null ? state : await readState(plane), now);
      return stopped === undefined ? receipt : { ...receipt, stopped };
    } catch (error) {
      const mayPass = error instanceof ConflictError || error instanceof UnavailableError;
      if (!mayPass || error instanceof TakenBackError || attempt === EMERGENCY_ATTEMPTS) throw error;
      await delay(EMERGENCY_PAUSE_MS * attempt);
    }
  }
}

/**
 * A running deployment that is all-legacy already does what a rollback would. To stop one that bakes would revert to the version
 * before it.
 */
async function alreadyAllLegacy(
  plane: AppConfigControlPlane,
  running: number,
  change: SwitchChange,
  now: Clock,
): Promise<WriteReceipt | undefined> {
  if (change.issuance !== undefined && change.issuance.percent > 0) return undefined;
  if (change.acceptance === 'target' || change.brownout) return undefined;
  const { ConfigurationProfileId } = await plane.ids();
  const deployment = await plane.deployment(running);
  if (deployment.ConfigurationProfileId !== ConfigurationProfileId) return undefined;
  const { content } = await plane.hostedVersion(Number(deployment.ConfigurationVersion));
  const text = toFlagText(content);
  const parsed = parseFlagDocument(text);
  if (!parsed.ok) return undefined;
  const { issuance, acceptance, brownout } = parsed.document;
  if (issuance.percent !== 0 || acceptance !== 'both' || (change.brownout === null && brownout !== null))
    return undefined;
  const leftAlone = `${await describeDeployment(plane, running)} is all-legacy already, and was left alone`;
  return { revision: storedRevision(text) ?? '', writtenAtMs: now(), leftAlone };
}

async function stop(plane: AppConfigControlPlane, number: number): Promise<void> {
  try {
    await plane.stopDeployment(number);
  } catch (error) {
    // It may have completed in the meantime; the write then changes its result.
    if ((await plane.deployment(number)).State !== 'COMPLETE') throw error;
  }
  await awaitFinal(plane, number);
}

/** Says what a deployment is for and which process started it, for operators it blocks. AWS accepts ASCII only. */
function describeChange({ issuance, acceptance, brownout }: SwitchChange): string {
  const parts = [
    issuance === undefined ? undefined : `issue target ${issuance.percent} %`,
    acceptance === undefined ? undefined : `accept ${acceptance}`,
    brownout ? `brownout ${brownout.percent} %` : undefined,
  ].filter((part) => part !== undefined);
  return `crossfade: ${parts.join(', ')} (process ${process.pid} on ${hostname().replace(/[^\x20-\x7e]/g, '?')})`;
}
