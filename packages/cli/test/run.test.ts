import { describe, expect, it } from 'vitest';
import { RESERVED_VERBS, VERBS } from '../src/usage/verbs.ts';
import { createWorkplace } from './fixture/workplace.ts';

const NAMES = VERBS.map(({ name }) => name);

describe('run', () => {
  it('lists exactly the available verbs', async () => {
    const { crossfade } = await createWorkplace();
    const { exitCode, stdout, stderr } = await crossfade(['--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect([...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name)).toEqual(NAMES);
  });

  it.each(NAMES)('explains %s: usage, options, exit codes and an example', async (name) => {
    const { crossfade } = await createWorkplace();
    const { exitCode, stdout } = await crossfade([name, '--help']);
    expect(exitCode).toBe(0);
    // A runbook and a completion need no plan.
    expect(stdout).toMatch(
      new RegExp(`^crossfade ${name}.*${['completion', 'runbook'].includes(name) ? '' : '--config crossfade.yaml'}`),
    );
    expect(stdout).toMatch(/Exit codes: 0/);
    expect(stdout).toMatch(new RegExp(`\\n  crossfade ${name}`));
    for (const option of Object.keys(VERBS.find((verb) => verb.name === name)?.options ?? {})) {
      expect(stdout).toContain(`--${option}`);
    }
    expect(await crossfade(['help', name])).toMatchObject({ exitCode: 0, stdout });
    expect(await crossfade([name, '-h'])).toMatchObject({ exitCode: 0, stdout });
  });

  it.each(NAMES)('suggests %s for a typing error', async (name) => {
    const { crossfade } = await createWorkplace();
    for (const typo of [`${name}e`, name.slice(0, -1), `${name[1]}${name[0]}${name.slice(2)}`]) {
      const { exitCode, stdout, stderr } = await crossfade([typo]);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toContain(`${typo}: is not a verb: did you mean ${name}?`);
    }
  });

  it.each(RESERVED_VERBS)('says that %s is not available in this version', async (name) => {
    const { crossfade } = await createWorkplace();
    expect(await crossfade([name])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(`${name}: is not available in this version`),
    });
  });

  it.each([
    [[], 'verb: is required'],
    [['dance'], 'dance: is not a verb. Verbs: init, census, doctor'],
    [['status', '--jsno'], '--jsno: is not an option: did you mean --json?'],
    [['status', '--yes'], '--yes: is an option of another verb'],
    [['status', '--json=yes'], '--json: takes no value'],
    [['status', '--config'], '--config: needs a value'],
    [['advance', '--to', '5', '--to', '10'], '--to: is given twice'],
    [['status', 'now', 'please'], 'there are 2 problems'],
  ])('refuses %j', async (argv, message) => {
    const { crossfade } = await createWorkplace();
    const { exitCode, stdout, stderr } = await crossfade(argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain(`See crossfade ${NAMES.includes(argv[0] ?? '') ? `${argv[0]} ` : ''}--help`);
  });

  it('never repeats a word that could be a token', async () => {
    const { crossfade } = await createWorkplace();
    const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl';
    for (const argv of [[token], ['status', token], ['status', `--${token}`], ['advance', '--to', token, '--yes']]) {
      const { exitCode, stderr } = await crossfade([...argv, '--json']);
      expect(exitCode).toBe(2);
      expect(stderr).not.toContain('eyJ');
    }
  });

  it('takes the plan from --config before or after the verb, and names a missing file', async () => {
    const { crossfade, folder } = await createWorkplace();
    expect(await crossfade(['--config', `${folder}/crossfade.yaml`, 'status'], { cwd: '/' })).toMatchObject({
      exitCode: 0,
    });
    expect(await crossfade(['status', '--config=other.yaml'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('other.yaml: does not exist: name the plan with --config'),
    });
  });

  it('reports all problems of a plan at once, with path and line', async () => {
    const { crossfade, writePlan } = await createWorkplace();
    await writePlan({ version: 2, migration: '!' });
    const { exitCode, stderr } = await crossfade(['status']);
    expect(exitCode).toBe(2);
    for (const path of ['version', 'migration', 'legacy', 'target', 'flags'])
      expect(stderr).toContain(`line 1: ${path}: `);
  });

  it.each([[['status', '--json', '--jsno']], [['dance', '--json']], [['status', '--json', '--config', 'none.yaml']]])(
    'prints one JSON document and nothing else for %j',
    async (argv) => {
      const { crossfade } = await createWorkplace();
      const result = await crossfade(argv);
      expect(result.json()).toMatchObject({
        exitCode: 2,
        error: { code: 'config_invalid', problems: expect.any(Array) },
      });
      expect(result.stderr).not.toBe('');
    },
  );

  it('prints its version', async () => {
    const { crossfade } = await createWorkplace();
    expect((await crossfade(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await crossfade(['-v'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await crossfade(['--version', '--json'])).json()).toEqual({ version: expect.any(String) });
  });

  it.each([
    ['a terminal', { isTerminal: true }, true],
    ['a terminal with NO_COLOR', { isTerminal: true, env: { NO_COLOR: '1' } }, false],
    ['a dumb terminal', { isTerminal: true, env: { TERM: 'dumb' } }, false],
    ['a pipe', {}, false],
  ])('colours on %s: %j', async (_where, io, isColoured) => {
    const { crossfade } = await createWorkplace();
    const { stdout } = await crossfade(['status'], io);
    expect(stdout.includes('\u001B[')).toBe(isColoured);
  });
});
