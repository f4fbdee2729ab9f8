import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { run } from '../../src/index.ts';
import { VERBS } from '../../src/usage/verbs.ts';

async function script(shell: string) {
  let stdout = '';
  let stderr = '';
  const exitCode = await run(['completion', shell], {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: {},
    cwd: '/',
  });
  return { exitCode, stdout, stderr };
}

/** What bash offers for a line. */
async function offered(line: string): Promise<readonly string[]> {
  const { stdout } = await script('bash');
  const words = line.split(' ');
  const program = `${stdout}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})\nCOMP_CWORD=${words.length - 1}\n_crossfade\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout: reply } = spawnSync('bash', ['-c', program], { encoding: 'utf8' });
  return reply.split('\n').filter((word) => word !== '');
}

test('bash completes the verbs', async () => {
  expect(await offered('crossfade ro')).toEqual(['rollback']);
  expect(await offered('crossfade ')).toEqual(expect.arrayContaining(VERBS.map(({ name }) => name)));
});

test('bash completes the options of the verb, and those of every verb', async () => {
  expect(await offered('crossfade rollback --w')).toEqual(['--without']);
  expect(await offered('crossfade advance --')).toEqual(
    expect.arrayContaining(['--to', '--yes', '--json', '--config']),
  );
  expect(await offered('crossfade --json gate --w')).toEqual(['--wait']);
});

test('bash completes the names of runbooks, the shells, and the verb after a plan', async () => {
  expect(await offered('crossfade runbook roll')).toEqual(['rollback']);
  expect(await offered('crossfade runbook CrossfadeK')).toEqual(['CrossfadeKeysMissing', 'CrossfadeKeysStale']);
  expect(await offered('crossfade completion ')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
  expect(await offered('crossfade --config plan.yaml gate --w')).toEqual(['--wait']);
});

test.each(['zsh', 'fish'])('%s gets every verb with its summary', async (shell) => {
  const { exitCode, stdout } = await script(shell);
  expect(exitCode).toBe(0);
  for (const { name, summary } of VERBS) {
    expect(stdout).toContain(name);
    expect(stdout).toContain(summary);
    expect(summary).not.toContain("'");
  }
  expect(stdout).toMatch(/runbook.* rejections-rising /);
  expect(stdout).toMatch(/completion.*bash zsh fish/);
});

test('names the shells that it knows', async () => {
  expect(await script('powershell')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('<shell>: must be bash, zsh or fish'),
  });
});
