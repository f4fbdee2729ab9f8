import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const PLUGIN = 'own-timers.grit';
const MESSAGE = /Own a timer, as http\/timeout\.ts/g;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'own-timers-'));
  copyFileSync(join(import.meta.dirname, PLUGIN), join(folder, PLUGIN));
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ plugins: [`./${PLUGIN}`] }));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** How often the rule reports a file of these lines. */
function reports(lines: readonly string[]): number {
  writeFileSync(join(folder, 'planted.ts'), `${lines.join('\n')}\n`);
  const biome = resolve(ROOT, 'node_modules/.bin/biome');
  const { stdout, stderr } = spawnSync(biome, ['lint', '--max-diagnostics=none', 'planted.ts'], { cwd: folder });
  const output = `${stdout}${stderr}`;
  expect(output).toContain('Checked 1 file');
  return output.match(MESSAGE)?.length ?? 0;
}

it('is on for every file', () => {
  const { plugins } = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'));
  expect(plugins).toEqual([`./test/lint/${PLUGIN}`]);
});

it.each([
  ['export const a = AbortSignal.any([signal]);', 1],
  ['export const a = AbortSignal.timeout(5000);', 1],
  ['export const a = AbortSignal.any([signal, AbortSignal.timeout(5000)]);', 2],
  ['export const a = globalThis.AbortSignal.timeout(5000);', 1],
  ["export const a = AbortSignal['timeout'](5000);", 1],
  ['start(AbortSignal.timeout);', 1],
  ['const { any } = AbortSignal;', 1],
])('refuses %s, and says what to do', (planted, count) => {
  expect(reports([planted])).toBe(count);
});

it('leaves every other signal alone', () => {
  expect(reports(['export const a = [AbortSignal.abort(), new AbortController().signal];'])).toBe(0);
});
