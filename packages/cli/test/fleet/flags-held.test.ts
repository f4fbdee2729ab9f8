import { DEFAULT_FLAG_DOCUMENT, parseFlagDocument } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { flagsApart, storeFlagsOf } from '../../src/fleet/flags-held.ts';
import { EMPTY_FLEET, type MeterReading } from '../../src/fleet/fleet.ts';

const PRODUCTION = 'appconfig orders/production/crossfade';
const text = '{"issue-target":{"enabled":true,"percent":25,"revision":"35","since":"2026-03-01T12:00:00Z"}}';
const result = parseFlagDocument(text);
const document = result.ok ? result.document : DEFAULT_FLAG_DOCUMENT;
const position = { stored: { text, version: '35', source: PRODUCTION }, document };
const { hash } = storeFlagsOf(position);

const never = { acceptedMs: null, unauthorizedMs: null, commanded: undefined };
const reading: MeterReading = {
  evidence: {
    meter: 'one',
    watchedSinceMs: 0,
    legacy: { lastSeenMs: null, latestIssuedMs: null, latestExpiryMs: null },
    target: { lastSeenMs: null },
    lastValidUnauthorizedMs: null,
    disagreements: null,
  },
  sides: { legacy: never, target: never },
  missingTargetKeys: null,
  issuancePercent: 25,
  revision: '35',
  flagsSource: PRODUCTION,
  flagsHash: hash,
  stale: false,
  validUnauthorized: 0,
  openConnections: null,
  forwardedHeaders: null,
  upstream: null,
};
const apart = (change: Partial<MeterReading>, from = position) =>
  flagsApart({ ...EMPTY_FLEET, readings: [{ ...reading, ...change }] }, from);

describe('flags that differ between store and fleet', () => {
  it('are none while every meter holds the document of the store', () => {
    expect(apart({})).toEqual([]);
  });

  it('are those of another store, even with the same revision, share and hash', () => {
    expect(apart({ flagsSource: 'appconfig orders/staging/crossfade' })).toEqual([
      {
        meter: 'one',
        why: `reads another store, appconfig orders/staging/crossfade (revision 35, 25% target), and not ${PRODUCTION}`,
        isHopeless: true,
      },
    ]);
  });

  it('are another document of the same store, whatever its revision', () => {
    expect(apart({ flagsHash: '000000000000', issuancePercent: 60 })).toEqual([
      {
        meter: 'one',
        why: 'still holds another flag document (revision 35, 60% target); the store has 25% target (revision 35)',
      },
    ]);
  });

  it('are another share where a meter tells neither store nor hash, and nothing where it tells no share', () => {
    const older = { flagsSource: null, flagsHash: null };
    expect(apart({ ...older, issuancePercent: 60 })).toHaveLength(1);
    expect(apart(older)).toEqual([]);
    expect(apart({ ...older, issuancePercent: null })).toEqual([]);
  });

  it('are decided by the hash for flag files, whose paths differ from machine to machine', () => {
    const file = { ...position, stored: { ...position.stored, source: 'file /home/alice/flags.json' } };
    expect(apart({ flagsSource: 'file /etc/crossfade/flags.json' }, file)).toEqual([]);
    expect(apart({ flagsSource: 'file /etc/crossfade/flags.json', flagsHash: '000000000000' }, file)).toHaveLength(1);
  });
});
