import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Fault, FLEET_FAULTS, STORE_FAULTS, TERMINAL_FAULTS } from './fault-list.ts';
import { type FaultOutcomes, faultPage, faultRows } from './fault-page.ts';
import { type Outcome, play } from './play.ts';
import { startIssuer } from './site.ts';
import { VERB_NAMES, VERBS, type VerbName } from './verb-list.ts';

/** Plays each fault against each verb; the results are docs/faults.md. `-u` writes the page. */

const PAGE = resolve(import.meta.dirname, '../../../../docs/faults.md');
/** Most only wait. Programs need the processor. */
const [SITES_AT_ONCE, PROGRAMS_AT_ONCE] = [16, 2];
const outcomes = new Map<Fault, Outcome[]>();
const healthy = { file: new Map<VerbName, Outcome>(), appconfig: new Map<VerbName, Outcome>() };
const undo: (() => unknown)[] = [];

beforeAll(async () => {
  vi.stubEnv('AWS_REGION', undefined);
  vi.stubEnv('AWS_DEFAULT_REGION', undefined);
  const issuer = await startIssuer(undo);
  const work = { healthy: [] as Work[], sites: [] as Work[], programs: [] as Work[] };
  for (const store of ['file', 'appconfig'] as const)
    for (const verb of VERB_NAMES)
      work.healthy.push(async () => void healthy[store].set(verb, await play(verb, { store }, issuer)));
  const plan = (fault: Fault, list: Work[]) => {
    const results: Outcome[] = [];
    outcomes.set(fault, results);
    (fault.verbs ?? VERB_NAMES).forEach((verb, index) => {
      list.push(async () => {
        results[index] = await play(verb, fault, issuer);
      });
    });
  };
  for (const fault of FAULTS) plan(fault, fault.isProgram === true ? work.programs : work.sites);
  // The first of each verb loads its modules, which would use up the patience of all others.
  await doAll(work.healthy, 2);
  await doAll(work.sites, SITES_AT_ONCE);
  // One after the other: this process must respond to the programs.
  await doAll(work.programs, PROGRAMS_AT_ONCE);
  // A machine that stood still for seconds makes time-outs: what differs from the page is played once more, with less beside it.
  const page = readFileSync(PAGE, 'utf8');
  const differing = FAULTS.filter(
    (fault) => !page.includes(`\n${faultRows({ fault, outcomes: outcomes.get(fault) ?? [] }, healthy)}\n`),
  );
  const again: Work[] = [];
  for (const fault of differing) {
    process.stdout.write(`faults: played once more, because it differs from docs/faults.md: ${fault.name}\n`);
    plan(fault, again);
  }
  await doAll(again, PROGRAMS_AT_ONCE);
}, 300_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  for (const step of undo.reverse()) await step();
});

type Work = () => Promise<void>;

async function doAll(work: Work[], atOnce: number): Promise<void> {
  const next = async () => {
    for (let one = work.shift(); one !== undefined; one = work.shift()) await one();
  };
  await Promise.all(Array.from({ length: atOnce }, next));
}

const FAULTS = [...STORE_FAULTS, ...FLEET_FAULTS, ...TERMINAL_FAULTS];
/** Every line that tells what to do next. */
const WAY_ON = /crossfade runbook [a-z]|See crossfade|with crossfade status|name the plan with --config|^->/;

describe('a verb under a fault', () => {
  it('says and does what docs/faults.md says', async () => {
    const groups: readonly (readonly [string, readonly Fault[]])[] = [
      ['The flag store', STORE_FAULTS],
      ['The fleet', FLEET_FAULTS],
      ['The terminal', TERMINAL_FAULTS],
    ];
    const page = faultPage(
      healthy,
      groups.map(([title, faults]) => ({
        title,
        faults: faults.map((fault): FaultOutcomes => ({ fault, outcomes: outcomes.get(fault) ?? [] })),
      })),
    );
    await expect(page).toMatchFileSnapshot(PAGE);
  });

  it.each(FAULTS)('prints no stack, and ends with a code of the contract: $name', (fault) => {
    for (const { verb, exitCode, lines } of outcomes.get(fault) ?? []) {
      expect([0, 1, 2, 3, 4, 5], verb).toContain(exitCode);
      expect(lines.join('\n'), verb).not.toMatch(/unexpected error|\n *at .+:\d+/);
    }
  });

  it.each(FAULTS)('says what to do next unless it is done: $name', (fault) => {
    for (const { verb, exitCode, lines } of outcomes.get(fault) ?? [])
      if (exitCode !== 0) expect(lines, verb).toContainEqual(expect.stringMatching(WAY_ON));
  });
});

describe('a rollback', () => {
  it.each([
    ...FLEET_FAULTS,
    ...TERMINAL_FAULTS.filter((fault) => fault.hidesPlan !== true && fault.isEndedByOperator !== true),
  ])('writes whatever else is broken: $name', (fault) => {
    const rollbacks = (outcomes.get(fault) ?? []).filter(({ verb }) => VERBS[verb].argv[0] === 'rollback');
    for (const { verb, issuance } of rollbacks) expect(issuance, verb).toBe(0);
  });

  it.each(STORE_FAULTS)('writes, or shows how to roll back by hand: $name', (fault) => {
    const rollbacks = (outcomes.get(fault) ?? []).filter(({ verb }) => VERBS[verb].argv[0] === 'rollback');
    expect(rollbacks).toHaveLength(2);
    for (const { verb, issuance, exitCode, lines } of rollbacks) {
      if (exitCode === 3) expect(lines, verb).toContainEqual(expect.stringMatching(/^# The goal: "issue-target"/));
      else expect(issuance, verb).toBe(0);
    }
  });
});

it.each(['stdout is closed', 'stderr is closed'])('%s: every verb does its work, and ends as ever', (name) => {
  const [fault] = FAULTS.filter((each) => each.name === name);
  for (const { verb, exitCode, isWritten } of (fault && outcomes.get(fault)) ?? [])
    expect({ verb, exitCode, isWritten }).toEqual({ verb, exitCode: 0, isWritten: VERBS[verb].writes });
});
