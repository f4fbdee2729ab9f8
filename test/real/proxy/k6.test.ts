import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Exit, missing } from '../fixture/real-part.ts';

const root = resolve(import.meta.dirname, '../../..');

interface Outcomes {
  readonly requests: number;
  readonly rejected: number;
}

/** What is read of `summary.json`. */
interface Summary {
  readonly passed: boolean;
  readonly valid: Outcomes;
  readonly phases: readonly { readonly phase: string; readonly legacy: Outcomes; readonly target: Outcomes }[];
  readonly hostile: readonly { readonly kind: string; readonly sent: number; readonly notRefused: number }[];
  readonly slowClients?: { readonly sent: number; readonly admitted: number };
  readonly moves: readonly {
    readonly move: string;
    readonly succeeded: boolean;
    readonly convergedMs: number | null;
  }[];
  readonly thresholds: readonly { readonly metric: string; readonly held: boolean }[];
}

interface Run extends Exit {
  readonly folder: string;
  readonly summary: Summary;
}

/** What a busy machine can fail, and no promise of the migration. */
const OF_THE_MACHINE = /^dropped_iterations|^http_reqs\{kind:order\}$/;

interface Started {
  /** Resolves when the lab is up and the load begins, or at the program's end. */
  readonly begun: Promise<void>;
  readonly ended: Promise<Exit>;
}

const children: ChildProcess[] = [];

function load(args: readonly string[]): Started {
  const child = spawn(process.execPath, ['load/dist/k6/main.js', ...args], { cwd: root, stdio: 'pipe' });
  children.push(child);
  let output = '';
  const ended = new Promise<Exit>((done) => child.on('close', (code) => done({ code: code ?? -1, output })));
  const begun = new Promise<void>((begin) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes('requests/s with valid tokens')) begin();
      });
    }
    child.on('close', () => begin());
  });
  return { begun, ended };
}

describe.skipIf(missing('k6'))('k6 against the lab', () => {
  const out = mkdtempSync(join(tmpdir(), 'crossfade-load-'));
  const runs = new Map<string, Run>();
  /** Resolves with the run once its load begins. */
  const begin = async (name: string, ...args: string[]): Promise<{ readonly end: Promise<void> }> => {
    const folder = join(out, name);
    const { begun, ended } = load([...args, '--rate', '30', '--p99', '1m', '--out', folder]);
    const end = ended.then((exit) => {
      if (exit.code !== 0 && exit.code !== 99) throw new Error(`${name} ended with ${exit.code}: ${exit.output}`);
      const summary = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as Summary;
      runs.set(name, { ...exit, folder, summary });
    });
    await begun;
    return { end };
  };
  const resultOf = (name: string): Run => {
    const result = runs.get(name);
    if (result === undefined) throw new Error(`${name} must have run`);
    return result;
  };
  /** Demands the thresholds that do not depend on the speed of the machine. */
  const expectPromisesKept = ({ code, output, summary }: Run): void => {
    const broken = summary.thresholds.filter(({ metric, held }) => !held && !OF_THE_MACHINE.test(metric));
    expect(broken, output).toEqual([]);
    expect(code, output).toBe(summary.passed ? 0 : 99);
    expect(summary.valid, output).toMatchObject({ rejected: 0 });
  };

  beforeAll(async () => {
    // Each has a lab of its own, and mostly waits: they start one after another, the longest first, and then run together.
    const close = await begin('close', 'close', '--duration', '24s');
    const hostile = await begin('hostile', 'hostile', '--duration', '16s');
    const rollback = await begin('rollback', 'rollback', '--duration', '12s');
    const broken = await begin('broken', 'steady', '--duration', '3s', '--broken');
    await Promise.all([close.end, hostile.end, rollback.end, broken.end]);
  }, 400_000);
  afterAll(() => {
    for (const child of children) child.kill();
    rmSync(out, { recursive: true, force: true });
  });

  it('gets no valid token rejected while the operator rolls back under load', () => {
    const result = resultOf('rollback');
    expectPromisesKept(result);
    const { phases, moves } = result.summary;
    expect(phases.map(({ phase }) => phase)).toEqual(['before', 'rollback', 'after']);
    expect(phases[0]?.target.requests).toBeGreaterThan(0);
    expect(phases.at(-1)?.legacy.requests).toBeGreaterThan(0);
    expect(moves).toMatchObject([{ move: 'rollback', succeeded: true, convergedMs: expect.any(Number) }]);
  });

  it('gets no valid token rejected while legacy drains and the operator closes under load', () => {
    const result = resultOf('close');
    expectPromisesKept(result);
    expect(result.summary.moves, result.output).toMatchObject([
      { move: 'advance', succeeded: true },
      // The CLI refuses while legacy tokens are in use.
      { move: 'close-too-early', succeeded: true },
      { move: 'close', succeeded: true, convergedMs: expect.any(Number) },
    ]);
    expect(result.summary.phases.at(-1)).toMatchObject({ phase: 'closed', legacy: { requests: 0 } });
  });

  it('gets every hostile request refused and no valid one among them', () => {
    const result = resultOf('hostile');
    expectPromisesKept(result);
    const { hostile, slowClients } = result.summary;
    expect(hostile.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['alg_none', 'bad_signature', 'expired', 'huge_token', 'wrong_audience']),
    );
    for (const { kind, sent, notRefused } of hostile) {
      expect(sent, kind).toBeGreaterThan(0);
      expect(notRefused, kind).toBe(0);
    }
    expect(slowClients).toMatchObject({ sent: 40, admitted: 0 });
  });

  it('fails a threshold and exits with 99 when the API rejects one of the audiences', () => {
    const { code, output, summary } = resultOf('broken');
    expect(code, output).toBe(99);
    expect(summary.phases).toMatchObject([{ legacy: { rejected: 0 } }]);
    expect(summary.phases[0]?.target.rejected).toBeGreaterThan(0);
    const failed = summary.thresholds.filter(({ held }) => !held).map(({ metric }) => metric);
    expect(failed).toContain('valid_rejected{phase:steady,side:target}');
    expect(failed).not.toContain('valid_rejected{phase:steady,side:legacy}');
    expect(output).toContain('FAILED   valid_rejected: rate==0');
  });

  it('writes the HTML report of k6 next to the JSON', () => {
    const report = join(resultOf('close').folder, 'report.html');
    expect(readFileSync(report, 'utf8').slice(0, 200)).toMatch(/^<!doctype html>/i);
    expect(statSync(report).size).toBeGreaterThan(50_000);
  });

  it('names an unknown scenario, an unknown option and a value out of range', async () => {
    const { code, output } = await load(['stedy', '--for', '3s', '--rate', 'fast']).ended;
    expect(code).toBe(2);
    expect(output).toContain('--for is not an option; there are --duration, --rate');
    expect(output).toContain('stedy is not a scenario; there are steady, ramp, rollback, close, hostile, soak');
    expect(output).toContain('--rate must be an even whole number from 2 to 5000, but is "fast"');
  });
});
