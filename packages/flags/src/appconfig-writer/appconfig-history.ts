import type { DeploymentSummary } from '@aws-sdk/client-appconfig';
import { type MoveState, parseFlagDocument, type RecordedMove, type RecordedPosition } from '@crossfade/core';
import type { AppConfigControlPlane } from './appconfig-control-plane.ts';
import { isRunning } from './deployment.ts';
import { toFlagText } from './hosted-content.ts';
import { parseMoveDescription, sentenceOf } from './move-description.ts';

/** How many versions of others are read for their positions: each one is a call. */
const MAX_READ = 20;

/**
 * Returns the deployments of the profile, newest first. Those that Crossfade made say who, from where, to where and why, in the
 * description of their version; of others the content is read, for the latest ones.
 */
export async function readHistory(plane: AppConfigControlPlane, limit: number): Promise<readonly RecordedMove[]> {
  const { ConfigurationProfileId } = await plane.ids();
  const descriptions = new Map((await plane.versions()).map(({ number, description }) => [number, description]));
  const moves: RecordedMove[] = [];
  let reads = 0;
  for await (const deployment of plane.deployments()) {
    if (deployment.ConfigurationProfileId !== ConfigurationProfileId) continue;
    if (moves.length === limit) break;
    const version = Number(deployment.ConfigurationVersion);
    const described = parseMoveDescription(descriptions.get(version));
    if (described !== undefined) {
      const { note, ...positions } = described;
      moves.push({ ...basis(deployment), ...note, ...positions });
      continue;
    }
    reads += 1;
    const to = reads > MAX_READ ? undefined : await positionOf(plane, version);
    const description = descriptions.get(version);
    moves.push({
      ...basis(deployment),
      revision: null,
      ...(to !== undefined && { to }),
      ...(description !== undefined && { description: sentenceOf(description) }),
    });
  }
  return moves;
}

function basis(deployment: DeploymentSummary): Pick<RecordedMove, 'atMs' | 'state' | 'id'> {
  return {
    atMs: (deployment.StartedAt ?? new Date(0)).getTime(),
    state: stateOf(deployment),
    id: `deployment ${deployment.DeploymentNumber} (version ${deployment.ConfigurationVersion})`,
  };
}

function stateOf(deployment: DeploymentSummary): MoveState {
  if (isRunning(deployment)) return 'deploying';
  if (deployment.State === 'ROLLED_BACK') return 'rolled_back';
  return deployment.State === 'REVERTED' ? 'reverted' : 'written';
}

/** A version that is deleted, or that readers refuse, has no position. */
async function positionOf(plane: AppConfigControlPlane, version: number): Promise<RecordedPosition | undefined> {
  const content = await plane.hostedVersion(version).then(
    (hosted) => hosted.content,
    () => undefined,
  );
  const parsed = content === undefined ? undefined : parseFlagDocument(toFlagText(content));
  if (parsed?.ok !== true) return undefined;
  return { percent: parsed.document.issuance.percent, acceptance: parsed.document.acceptance };
}
