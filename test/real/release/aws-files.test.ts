import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { execute, missingPath } from '../fixture/real-part.ts';

const aws = resolve(import.meta.dirname, '../../../deploy/aws');
/** The Python with cfn-lint and python-hcl2. */
const PYTHON = process.env['CROSSFADE_PYTHON'] ?? '/opt/crossfade-python/bin/python';
const lint = (path: string) =>
  execute(join(dirname(PYTHON), 'cfn-lint'), ['--regions', 'eu-central-1', '--', path], aws);
const parseHcl = (path: string) => execute(PYTHON, ['-c', 'import hcl2, sys; hcl2.load(open(sys.argv[1]))', path], aws);

/** A copy of a file with one text replaced. */
function changed(path: string, from: string, to: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-aws-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  const copy = join(folder, 'changed');
  writeFileSync(copy, text.replace(from, to));
  return copy;
}

describe.skipIf(missingPath(PYTHON))('the files for AWS', () => {
  it('pass cfn-lint, which sees a property that does not exist', () => {
    const template = join(aws, 'crossfade.yaml');
    expect(lint(template)).toMatchObject({ code: 0 });
    expect(lint(changed(template, 'FinalBakeTimeInMinutes', 'FinalBakeTimeInMinute')).output).toMatch(/E3002/);
  });

  it.each(['main.tf', 'variables.tf', 'outputs.tf'])('are HCL: terraform/%s', (file) => {
    const path = join(aws, 'terraform', file);
    expect(parseHcl(path)).toMatchObject({ code: 0 });
    expect(parseHcl(changed(path, '{', '{ {')).code).not.toBe(0);
  });
});
