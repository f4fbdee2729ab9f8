import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RUNBOOKS } from '@crossfade/core';
import { expect, test } from 'vitest';
import { run } from '../../src/index.ts';

async function crossfade(...argv: string[]) {
  let stdout = '';
  let stderr = '';
  const exitCode = await run(argv, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: {},
    cwd: '/',
  });
  return { exitCode, stdout, stderr };
}

test('lists every procedure and every alert with a line about it, without a plan', async () => {
  const { exitCode, stdout } = await crossfade('runbook');
  expect(exitCode).toBe(0);
  const folder = join(import.meta.dirname, '../../../../runbooks');
  const files = ['', 'alerts'].flatMap((sub) => readdirSync(join(folder, sub)).filter((file) => file.endsWith('.md')));
  for (const file of files.filter((name) => name !== 'README.md'))
    expect(stdout).toMatch(new RegExp(`^  ${file.slice(0, -3)} +\\S.+$`, 'm'));
});

test.each(RUNBOOKS)('prints %s', async (name) => {
  const { exitCode, stdout } = await crossfade('runbook', name);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^# /);
});

test('prints the page of an alert, however its name is spelt', async () => {
  const { stdout } = await crossfade('runbook', 'crossfaderejectionsrising');
  expect(stdout).toMatch(/^# CrossfadeRejectionsRising/);
});

test('returns the text as JSON', async () => {
  const { stdout } = await crossfade('runbook', 'close', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ verb: 'runbook', markdown: expect.stringMatching(/^# Close/) });
});

test('suggests the nearest name, and never repeats a strange one', async () => {
  expect(await crossfade('runbook', 'rolback')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('did you mean rollback?'),
  });
  const { stderr, exitCode } = await crossfade('runbook', '../../etc/passwd');
  expect(exitCode).toBe(2);
  expect(stderr).not.toContain('passwd');
});
