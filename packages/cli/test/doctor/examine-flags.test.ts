import { parsePlan } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { examineFlags } from '../../src/doctor/examine-flags.ts';
import { startAppConfig } from '../fixture/app-config.ts';
import { createWorkplace, NOW_MS, PLAN } from '../fixture/workplace.ts';

async function examine(document: object | string) {
  const { writeFlags, flagsPath } = await createWorkplace();
  await writeFlags(document);
  const plan = parsePlan({ ...PLAN, flags: { source: 'file', path: flagsPath } });
  const { findings } = await examineFlags(plan, () => NOW_MS);
  return findings.map(({ check, verdict, detail }) => `${check} ${verdict}: ${detail}`);
}

const at = (ms: number) => new Date(NOW_MS + ms).toISOString();

describe('examineFlags', () => {
  it('passes a document without slips', async () => {
    expect(await examine({ 'issue-target': { enabled: true, percent: 5 } })).toEqual([
      'flags pass: the file store holds a valid document (5% target, acceptance both)',
    ]);
  });

  it.each([
    [
      'a misspelt attribute',
      { 'accept-legacy': { enabled: true, enbled: 1 } },
      /flags warn: accept-legacy\.enbled is not/,
    ],
    [
      'a share of a flag that is off',
      { 'issue-target': { enabled: false, percent: 25 } },
      /flags warn: issue-target has percent 25/,
    ],
    [
      'a flag that is on without a share',
      { 'issue-target': { enabled: true } },
      /flags warn: issue-target is on without percent/,
    ],
    [
      'a brownout that is under way',
      { brownout: { enabled: true, percent: 2, until: at(60_000) } },
      /brownout warn: a brownout refuses legacy for 2% of clients until/,
    ],
    [
      'a brownout that is over',
      { brownout: { enabled: true, percent: 2, until: at(-60_000) } },
      /brownout warn: a brownout is left over/,
    ],
    [
      'a brownout that is too long to be obeyed',
      { brownout: { enabled: true, percent: 2, until: at(40 * 86_400_000) } },
      /brownout warn: .* readers do not obey it/,
    ],
  ])('reports %s', async (_, document, expected) => {
    const findings = await examine(document);
    expect(findings).toHaveLength(2);
    expect(findings[1]).toMatch(expected);
  });

  it('reports a deployment in progress by its number, and passes without one', async () => {
    const { flags, deployElsewhere } = await startAppConfig();
    const plan = parsePlan({ ...PLAN, flags });
    const ofDeployment = async () =>
      (await examineFlags(plan, () => NOW_MS)).findings.filter(({ check }) => check === 'deployment');
    expect(await ofDeployment()).toMatchObject([{ verdict: 'pass' }]);
    await deployElsewhere();
    expect(await ofDeployment()).toMatchObject([
      {
        verdict: 'warn',
        detail: expect.stringMatching(/deployment \d+ .* is in progress/),
        remedy: expect.stringContaining('rollback'),
      },
    ]);
  });

  it('says how to make a profile that AppConfig does not have', async () => {
    const { flags } = await startAppConfig();
    const plan = parsePlan({ ...PLAN, flags: { ...flags, profile: 'none' } });
    expect((await examineFlags(plan, () => NOW_MS)).findings).toMatchObject([
      { verdict: 'fail', remedy: expect.stringContaining('crossfade init --appconfig orders/prod/none') },
    ]);
  });
});
