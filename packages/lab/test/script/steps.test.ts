import { expect, test } from 'vitest';
import type { ScriptContext } from '../../src/script/script-context.ts';
import { advance } from '../../src/script/steps.ts';

const REFUSED = '  refused        fleet_accepts_target: 0 of 2 API instances are known to accept target tokens\n';

/** A context without sidecars of its own, whose `advance` returns these results in turn. */
function contextOf(results: readonly { exitCode: 0 | 1; stdout: string }[]) {
  const commands: string[] = [];
  const context = {
    lab: { sidecars: [{ dataUrl: 'http://sidecar' }], loginFlags: [], timing: { holdMs: 0 } },
    operator: {
      run: async (...argv: readonly string[]) => {
        commands.push(argv.join(' '));
        return results[commands.filter((command) => command !== 'probe').length - 1];
      },
    },
    report: { moment: () => ({}), rollbackOver: () => {}, phase: () => 'migrate', enter: () => {} },
    view: { phase: () => {} },
    signal: new AbortController().signal,
  };
  const probe = {
    request: async () => {
      commands.push('probe');
      return 200;
    },
  };
  // After the step nothing is left to wait for: the sidecar is there for probes alone.
  const lab = { ...context.lab, probe };
  return { context: { ...context, lab } as unknown as ScriptContext, commands };
}

test('shows target tokens again where a busy machine let their evidence age before advance read it', async () => {
  const { context, commands } = contextOf([
    { exitCode: 1, stdout: REFUSED },
    { exitCode: 1, stdout: 'refused  minting' },
  ]);
  await expect(advance(10)(context)).rejects.toThrow('crossfade advance must exit 0, but exited 1');
  expect(commands).toEqual(['probe', 'advance --to 10 --yes', 'probe', 'advance --to 10 --yes']);
});

test('gives up after three refusals', async () => {
  const { context, commands } = contextOf(Array(3).fill({ exitCode: 1, stdout: REFUSED }));
  await expect(advance(50)(context)).rejects.toThrow('must exit 0');
  expect(commands).toHaveLength(6);
});
