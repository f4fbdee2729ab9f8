import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PHASES } from '@crossfade/core';
import type { Rehearsal } from '@crossfade/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const program = resolve(import.meta.dirname, '../../packages/lab/bin/crossfade-lab.js');
const SEED = 20_260_101;
const folder = mkdtempSync(join(tmpdir(), 'crossfade-rehearsal-'));
let exitCode: number | null;
let output = '';
let rehearsal: Rehearsal;

beforeAll(async () => {
  const child = spawn(process.execPath, [program, '--fast', '--seed', String(SEED)], { cwd: folder });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  [exitCode] = (await once(child, 'close')) as [number | null];
  rehearsal = JSON.parse(readFileSync(join(folder, 'rehearsal.json'), 'utf8'));
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a whole rehearsal', () => {
  it('closes without a rejected or unavailable request', () => {
    expect({ exitCode, rejected: rehearsal.rejected, unavailable: rehearsal.unavailable }, output).toEqual({
      exitCode: 0,
      rejected: 0,
      unavailable: 0,
    });
    expect(rehearsal.closedAt).not.toBeNull();
  });

  it('makes a thousand requests or more', () => {
    expect(rehearsal.requests).toBeGreaterThanOrEqual(1000);
    expect(rehearsal.seed).toBe(SEED);
  });

  it('goes through the five phases in order, without a gap', () => {
    const { phases } = rehearsal;
    expect(phases.map(({ phase }) => phase)).toEqual([...PHASES]);
    for (const [index, { startedAt, endedAt, requests }] of phases.entries()) {
      expect(Date.parse(endedAt)).toBeGreaterThan(Date.parse(startedAt));
      expect(requests).toBeGreaterThan(0);
      if (index > 0) expect(startedAt).toBe(phases[index - 1]?.endedAt);
    }
  });

  it('moves the traffic: all legacy before the ramp, both during it, and none at the end', () => {
    const share = Object.fromEntries(rehearsal.phases.map(({ phase, legacyShare }) => [phase, legacyShare]));
    expect(share).toMatchObject({ prepare: 1, expand: 1, contract: 0 });
    for (const phase of ['migrate', 'drain']) {
      expect(share[phase]).toBeGreaterThan(0);
      expect(share[phase]).toBeLessThan(1);
    }
  });

  it('rolls back in the middle without a rejected request', () => {
    const { rollback, phases } = rehearsal;
    const migrate = phases.find(({ phase }) => phase === 'migrate');
    expect(rollback?.rejected).toBe(0);
    const times = [migrate?.startedAt, rollback?.requestedAt, rollback?.convergedAt, migrate?.endedAt];
    expect(times.map(String)).toEqual(times.map(String).sort());
  });

  it('is refused by the gate once, and passes it at the end', () => {
    expect(rehearsal.gate).toEqual({ verdict: 'pass', refusedBefore: 1 });
  });

  it('reports exactly the fields that users depend on', () => {
    expect(Object.keys(rehearsal).sort()).toEqual(
      ['requests', 'rejected', 'unavailable', 'rollback', 'phases', 'gate', 'closedAt', 'seed'].sort(),
    );
    expect(Object.keys(rehearsal.rollback ?? {})).toEqual(['requestedAt', 'convergedAt', 'rejected']);
    for (const phase of rehearsal.phases) {
      expect(Object.keys(phase)).toEqual(['phase', 'startedAt', 'endedAt', 'requests', 'legacyShare']);
    }
  });

  it('prints plain lines without a terminal', () => {
    expect(output).toContain('$ crossfade rollback');
    expect(output).toContain('The legacy audience is closed, and no valid request was rejected.');
    expect(output).not.toContain('\u001B');
  });
});
