import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { PolicyDocument } from '@crossfade/appconfig-emulator';
import { describe, expect, it } from 'vitest';
import { type Resource, readTemplate, statementsOf } from './template.ts';

const deploy = resolve(import.meta.dirname, '../../deploy');
const { Resources } = readTemplate();
const hcl = readFileSync(resolve(deploy, 'aws/terraform/main.tf'), 'utf8');

/** The statements of a policy of the template: which actions each one allows. */
function actionsBySid(policy: string): Readonly<Record<string, readonly string[]>> {
  const document = Resources[policy]?.Properties['PolicyDocument'] as PolicyDocument;
  return Object.fromEntries(statementsOf([document]).map(({ Sid, Action }) => [Sid, [Action].flat()]));
}

/** The same of a policy in HCL. */
function hclActionsBySid(name: string): Readonly<Record<string, readonly string[]>> {
  const [, block = ''] = new RegExp(`resource "aws_iam_policy" "${name}" \\{\\n([\\s\\S]*?)\\n\\}`).exec(hcl) ?? [];
  const statements = [...block.matchAll(/Sid\s*=\s*"(\w+)"[\s\S]*?Action\s*=\s*\[([^\]]*)\]/g)];
  return Object.fromEntries(
    statements.map(([, sid, actions = '']) => [sid, [...actions.matchAll(/"([^"]+)"/g)].map(([, action]) => action)]),
  ) as Record<string, string[]>;
}

function propertyOf(resource: Resource | undefined, name: string) {
  return resource?.Properties[name];
}

describe('the frame in AWS', () => {
  it('has an environment without alarms, and a strategy that neither grows nor bakes', () => {
    expect(propertyOf(Resources['Environment'], 'Monitors')).toBeUndefined();
    expect(Resources['Strategy']?.Properties).toMatchObject({
      ...{ DeploymentDurationInMinutes: 0, GrowthFactor: 100, FinalBakeTimeInMinutes: 0, ReplicateTo: 'NONE' },
    });
    expect(hcl).not.toMatch(/monitor\s*\{/);
    for (const line of [
      'deployment_duration_in_minutes = 0',
      'growth_factor *= 100',
      'final_bake_time_in_minutes *= 0',
    ])
      expect(hcl).toMatch(new RegExp(line));
  });

  it('has no content: neither versions nor deployments', () => {
    const types = Object.values(Resources).map(({ Type }) => Type);
    expect(types.filter((type) => /Version|::Deployment$/.test(type))).toEqual([]);
    expect(hcl).not.toMatch(/aws_appconfig_(hosted_configuration_version|deployment")/);
  });

  it('stays when the stack goes: the APIs still read the flags', () => {
    const kept = Object.entries(Resources).filter(([, { Type }]) => Type.startsWith('AWS::AppConfig::'));
    expect(kept.map(([, { DeletionPolicy, UpdateReplacePolicy }]) => [DeletionPolicy, UpdateReplacePolicy])).toEqual(
      kept.map(() => ['Retain', 'Retain']),
    );
    expect(hcl.match(/prevent_destroy = true/g)).toHaveLength(kept.length);
  });

  it.each([
    ['MovePolicy', 'move'],
    ['ExaminePolicy', 'examine'],
    ['ReaderPolicy', 'reader'],
  ])('allows the same actions in CloudFormation and in HCL: %s', (policy, name) => {
    expect(Object.keys(actionsBySid(policy)).length).toBeGreaterThan(0);
    expect(hclActionsBySid(name)).toEqual(actionsBySid(policy));
  });

  it('gives the sidecar what the policy for Kubernetes gives it', () => {
    const file = readFileSync(resolve(deploy, 'kubernetes/appconfig-reader-policy.json'), 'utf8');
    const [statement] = statementsOf([JSON.parse(file) as PolicyDocument]);
    expect(actionsBySid('ReaderPolicy')).toEqual({ [statement?.Sid ?? '']: statement?.Action });
  });

  it('justifies each action in a comment', () => {
    const lines = readFileSync(resolve(deploy, 'aws/crossfade.yaml'), 'utf8').split('\n');
    const actions = lines.flatMap((line, index) => (/^ +- appconfig:/.test(line) ? [lines[index - 1] ?? ''] : []));
    expect(actions.length).toBeGreaterThan(12);
    expect(actions.filter((before) => !/^ +# /.test(before))).toEqual([]);
  });
});
