import { type FlagDocument, formatDuration, UnavailableError } from '@crossfade/core';
import type { Fleet, FleetLook, MeterReading } from '../fleet/fleet.ts';
import { type Finding, fail, pass, warn } from './finding.ts';

/** Asks every meter, and whether it holds what the flag store commands. */
export async function examineFleet(
  fleet: Fleet | undefined,
  document: FlagDocument | undefined,
  nowMs: number,
): Promise<readonly Finding[]> {
  if (fleet === undefined) {
    return [
      fail(
        'meters',
        'the plan names no meters',
        'set gate.prometheus, or gate.sidecars with the admin URL of each one',
      ),
    ];
  }
  let look: FleetLook;
  try {
    look = await fleet.look(nowMs);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return [fail('meters', error.message, 'check gate.prometheus in the plan, and the network')];
  }
  return [
    ...examineExpected(fleet, look),
    ...look.missing.map(({ meter, why }) =>
      fail('meter', `${meter}: ${why}`, 'start it, or correct its address in the plan'),
    ),
    ...look.readings.map((reading) => examineReading(reading, document, nowMs)),
  ];
}

function examineExpected({ place }: Fleet, { expected, readings, missing }: FleetLook): Finding[] {
  if (expected === null) {
    return [
      fail(
        'meters',
        `${place} does not tell how many there should be`,
        'record crossfade:expected_instances:sum for this migration',
      ),
    ];
  }
  const known = readings.length + missing.length;
  if (known >= expected) return [];
  return [
    fail('meters', `${place} knows ${known} of ${expected} expected meters`, 'find out why the others are not scraped'),
  ];
}

function examineReading(reading: MeterReading, document: FlagDocument | undefined, nowMs: number): Finding {
  const { evidence, stale, issuancePercent, validUnauthorized, accepts } = reading;
  const { meter } = evidence;
  if (stale) return fail('meter', `${meter} holds a stale flag document`, 'let it reach the flag store');
  if (document !== undefined && issuancePercent !== null && issuancePercent !== document.issuance.percent) {
    const detail = `${meter} holds ${issuancePercent}% target, the store ${document.issuance.percent}%`;
    return warn('meter', detail, 'wait one poll interval; if it stays, it reads another store than the plan names');
  }
  if (validUnauthorized > 0) {
    const detail = `${meter}: the API answered 401 to a valid token ${validUnauthorized} times`;
    return warn('meter', detail, 'compare the settings of the API with the plan');
  }
  if (!accepts.target) {
    return warn(
      'meter',
      `${meter}: the API is not known to accept target tokens`,
      'send it a real target token before you advance',
    );
  }
  return pass(
    'meter',
    `${meter} has watched for ${formatDuration(nowMs - evidence.watchedSinceMs)}, and its API accepts target tokens`,
  );
}
