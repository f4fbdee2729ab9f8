import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { onePlanPath, planPaths } from '../../src/verb/plan-paths.ts';
import { createWorkplace } from '../fixture/workplace.ts';

async function createPlans(...names: string[]): Promise<string> {
  const { folder } = await createWorkplace();
  await mkdir(join(folder, 'plans', 'old.yaml'), { recursive: true });
  await Promise.all(names.map((name) => writeFile(join(folder, 'plans', name), '')));
  return folder;
}

describe('the plans that --config names', () => {
  it('are the files that a pattern matches, sorted, and no folder', async () => {
    const folder = await createPlans('orders.yaml', 'billing.yaml', 'notes.md');
    expect(await planPaths('plans/*.yaml', folder)).toEqual(['plans/billing.yaml', 'plans/orders.yaml']);
    expect(await planPaths('plans/{orders,users}.yaml', folder)).toEqual(['plans/orders.yaml']);
    expect(await planPaths('./plans/*.md', folder)).toHaveLength(1);
  });

  it('can be named from elsewhere', async () => {
    const folder = await createPlans('orders.yaml', 'billing.yaml');
    expect(await planPaths(`${folder}/plans/*.yaml`, '/')).toHaveLength(2);
    expect(await planPaths('../plans/*.yaml', join(folder, 'plans'))).toHaveLength(2);
  });

  it('is the path itself if it is no pattern, whether or not there is a file', async () => {
    const folder = await createPlans();
    expect(await planPaths('plans/none.yaml', folder)).toEqual(['plans/none.yaml']);
  });

  it('is a file whose name looks like a pattern', async () => {
    const folder = await createPlans('a[1].yaml', 'a1.yaml');
    expect(await planPaths('plans/a[1].yaml', folder)).toEqual(['plans/a[1].yaml']);
  });

  it('must not be nothing', async () => {
    const folder = await createPlans();
    await expect(planPaths('plans/*.yaml', folder)).rejects.toMatchObject({
      code: 'config_invalid',
      problems: [{ path: 'plans/*.yaml', message: 'matches no file: expected the plans, such as plans/*.yaml' }],
    });
  });

  it('must be one where the verb works on one', async () => {
    const folder = await createPlans('orders.yaml', 'billing.yaml');
    expect(await onePlanPath('plans/o*.yaml', folder, 'crossfade gate')).toBe('plans/orders.yaml');
    await expect(onePlanPath('plans/*.yaml', folder, 'crossfade gate')).rejects.toMatchObject({
      problems: [{ path: 'plans/*.yaml', message: 'matches 2 plans, and crossfade gate works on one: name its file' }],
    });
  });
});
