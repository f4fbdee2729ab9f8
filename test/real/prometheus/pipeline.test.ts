import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { parse } from 'yaml';
import { createWorkplace, PLAN } from '../../../packages/cli/test/fixture/workplace.ts';
import { execute, missing, missingPath } from '../fixture/real-part.ts';
import { startMeteredFleet } from './fixture/metered-fleet.ts';
import { startRuledPrometheus } from './fixture/ruled-prometheus.ts';

const root = resolve(import.meta.dirname, '../../..');
const template = join(root, 'deploy/argo-rollouts/crossfade-drained.yaml');
const action = join(root, 'deploy/github-action');
const CLI = `node ${join(root, 'packages/cli/bin/crossfade.js')}`;
/** The definition of an AnalysisTemplate, of Argo Rollouts 1.9. */
const CRDS = process.env['CROSSFADE_ARGO_CRDS'] ?? '/opt/crossfade-argo-crds';
const WHOLE = /^crossfade-(expected|level-1|level-1-counts|level-1-traffic|level-2)$/;

function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-pipeline-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the step of the action as a runner does: inputs as variables, files for what it tells. */
async function runAction(cwd: string, inputs: Readonly<Record<string, string>>) {
  const folder = temporaryFolder();
  const [output, summary] = [join(folder, 'output'), join(folder, 'summary')];
  for (const path of [output, summary]) writeFileSync(path, '');
  const files = { RUNNER_TEMP: folder, GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary };
  const env = { ...process.env, ...files, INPUT_CONFIG: 'crossfade.yaml', INPUT_CLI: CLI, INPUT_WAIT: '', ...inputs };
  const step = spawn(process.execPath, [join(action, 'gate.mjs')], { cwd, env, stdio: ['ignore', 'pipe', 'ignore'] });
  let log = '';
  step.stdout.on('data', (chunk) => (log += String(chunk)));
  const code = await new Promise((ended) => step.once('close', ended));
  const told = readFileSync(output, 'utf8').trim().split('\n');
  return {
    code,
    log,
    summary: readFileSync(summary, 'utf8'),
    told: Object.fromEntries(told.map((one) => one.split('='))),
  };
}

const isMissing = [missing('prometheus'), missing('crossfade-analysis-run'), missingPath(CRDS)].includes(true);
describe.skipIf(isMissing)('the analysis of Argo Rollouts and the GitHub Action', () => {
  it('say the same of a drain that is unknown, done and undone, and neither passes without Prometheus', async () => {
    const fleet = await startMeteredFleet(2);
    onTestFinished(() => fleet.close());
    const prometheus = await startRuledPrometheus(fleet.ports);
    onTestFinished(() => prometheus.remove());
    const { folder, writeFlags } = await createWorkplace({
      ...PLAN,
      clockTolerance: '1s',
      legacy: { ...PLAN.legacy, tokenLifetime: '500ms', sessionLifetime: '500ms' },
      gate: { silence: '500ms', prometheus: prometheus.url },
    });
    await writeFlags({ 'issue-target': { enabled: true, percent: 100, since: '2026-01-01T00:00:00Z' } });
    const analyse = (migration: string) =>
      execute('crossfade-analysis-run', [template, `migration=${migration}`, `prometheus=${prometheus.url}`], root)
        .output;
    const bothSay = async (phase: string, code: number, verdict: string) =>
      await vi.waitFor(
        async () => {
          const step = await runAction(folder, {});
          expect({ phase: analyse('orders-2026').trim(), code: step.code, told: step.told }).toEqual({
            phase,
            code,
            told: { verdict, 'exit-code': String(code), report: expect.stringContaining('crossfade-gate.json') },
          });
          return step;
        },
        { timeout: 30_000, interval: 200 },
      );

    const unknown = await bothSay('Inconclusive', 4, 'inconclusive');
    expect(unknown.log).toMatch(/::warning title=Crossfade gate::Not known yet, neither passed nor failed: .*watched/);
    await prometheus.load(WHOLE);
    const passed = await bothSay('Successful', 0, 'pass');
    expect(passed.log).toContain('::notice title=Crossfade gate::The legacy audience can be closed: crossfade close.');
    expect(passed.summary).toMatch(/^### orders-2026: the drain gate says pass\n\n\| check \| verdict \| detail \|/);
    expect(analyse('another').trim()).toBe('Inconclusive');
    fleet.tell({ legacySeen: 'again' });
    const failed = await bothSay('Failed', 1, 'fail');
    expect(failed.log).toMatch(/::error title=Crossfade gate::The legacy audience must stay open: .*silence/);
    await prometheus.remove();
    expect(analyse('orders-2026')).toMatch(/^Error: .*connect/);
    const gone = await runAction(folder, {});
    expect(gone).toMatchObject({ code: 3, told: { verdict: 'unknown', 'exit-code': '3' } });
    expect(gone.log).toContain('::error title=Crossfade gate::Prometheus cannot be reached (ECONNREFUSED)');
  });

  it.each([
    ['a plan that is not there', { INPUT_CONFIG: 'none.yaml' }, /none\.yaml: does not exist/],
    ['a command that is not there', { INPUT_CLI: 'no-such-program' }, /cli: no-such-program does not start \(ENOENT\)/],
    ['no command', { INPUT_CLI: ' ' }, /cli: expected the command that runs Crossfade/],
    ['a time that is none', { INPUT_WAIT: 'soon' }, /--timeout: must be a duration such as 30m, 12h or 3d/],
  ])('ends with 2 and says what is wrong with %s', async (_name, inputs, message) => {
    const { folder } = await createWorkplace();
    const { code, log } = await runAction(folder, inputs);
    expect(log).toMatch(message);
    expect(code).toBe(2);
  });

  it('are what Argo Rollouts and GitHub take', () => {
    const validate = (path: string) =>
      execute('kubectl-validate', [path, '--local-crds', CRDS, '--version', '1.30'], root);
    const valid = validate(template);
    expect(valid.code, valid.output).toBe(0);
    const folder = temporaryFolder();
    const misspelled = join(folder, 'misspelled.yaml');
    writeFileSync(misspelled, readFileSync(template, 'utf8').replace('failureCondition', 'failCondition'));
    expect(validate(misspelled).code).not.toBe(0);
  });
});

describe.skipIf(missing('actionlint'))('the metadata of the GitHub Action', () => {
  const { inputs, outputs } = parse(readFileSync(join(action, 'action.yml'), 'utf8')) as Record<
    'inputs' | 'outputs',
    Readonly<Record<string, object>>
  >;
  /** Lints a workflow that uses the action from its own repository: then actionlint reads the metadata. */
  const lint = (step: string) => {
    const folder = temporaryFolder();
    execute('git', ['init', '--quiet', folder], root);
    execute('sh', ['-c', 'mkdir -p .github/workflows && cp -r "$0" gate', action], folder);
    const workflow = join(folder, '.github/workflows/close.yaml');
    const steps = `      - uses: actions/checkout@v5\n${step}`;
    writeFileSync(workflow, `on: workflow_dispatch\njobs:\n  gate:\n    runs-on: ubuntu-latest\n    steps:\n${steps}`);
    return execute('actionlint', [workflow], folder);
  };
  const uses = (input: string, output: string) =>
    `      - uses: ./gate\n        id: gate\n        with: { ${input}: x }\n      - run: echo "\${{ steps.gate.outputs.${output} }}"\n`;

  it('has the inputs and outputs that a workflow names', () => {
    for (const input of Object.keys(inputs))
      for (const output of Object.keys(outputs)) {
        const { code, output: said } = lint(uses(input, output));
        expect(code, said).toBe(0);
      }
    expect(lint(uses('plan', 'verdict')).output).toContain('input "plan" is not defined in action "Crossfade gate"');
    expect(lint(uses('config', 'result')).output).toContain('property "result" is not defined');
  });
});
