import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { execute, missing, missingPath } from '../fixture/real-part.ts';

const root = resolve(import.meta.dirname, '../../..');
const PYTHON = process.env['CROSSFADE_PYTHON'] ?? '/opt/crossfade-python/bin/python';
const zizmor = join(dirname(PYTHON), 'zizmor');

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-release-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A repository with what a release changes: manifests, changesets, and the files that name the version. */
function repository(): string {
  const folder = temporaryFolder();
  const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);
  const manifests = ['.', 'test', 'load', ...packages].map((place) => join(place, 'package.json'));
  const others = ['.changeset', '.ci', 'README.md', 'pnpm-workspace.yaml', 'pnpm-lock.yaml', 'deploy'];
  for (const path of [...manifests, ...others]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const identity = ['-c', 'user.name=release', '-c', 'user.email=release@crossfade.example'];
  for (const args of [
    ['init', '--quiet'],
    ['add', '.'],
    [...identity, 'commit', '--quiet', '--message', 'all'],
  ]) {
    expect(execute('git', args, folder)).toMatchObject({ code: 0 });
  }
  return folder;
}

const words = (text: string) => text.replace(/[^a-z0-9]+/gi, ' ');
const versionOf = (folder: string, name: string) =>
  JSON.parse(readFileSync(join(folder, 'packages', name, 'package.json'), 'utf8')).version;
const releaseVersion = (folder: string, ...args: string[]) =>
  execute(process.execPath, [join(folder, '.ci/release-version.mjs'), ...args], folder);

describe.skipIf(missing('git'))('a release', () => {
  it('is written from the changesets: one version, a changelog of each package, and the same in every file that names it', () => {
    const folder = repository();
    const changesets = readdirSync(join(folder, '.changeset')).filter((file) => file.endsWith('.md'));
    const told = changesets.map((file) => {
      const [, header = '', text = ''] = readFileSync(join(folder, '.changeset', file), 'utf8').split('---\n');
      const names = [...header.matchAll(/@crossfade\/([\w-]+)/g)].map(([, name = '']) => name);
      return { file, names, firstLine: text.trim().split('\n')[0] ?? '' };
    });

    expect(releaseVersion(folder)).toMatchObject({ code: 0 });
    const version = versionOf(folder, 'core');
    expect(readdirSync(join(root, 'packages')).map((name) => versionOf(folder, name))).toEqual(Array(9).fill(version));
    expect(readdirSync(join(folder, '.changeset')).filter((file) => file.endsWith('.md'))).toEqual([]);
    for (const { file, names, firstLine } of told) {
      for (const name of names) {
        const changelog = readFileSync(join(folder, 'packages', name, 'CHANGELOG.md'), 'utf8');
        expect(changelog, file).toContain(`## ${version}`);
        expect(words(changelog), file).toContain(words(firstLine)); // changesets escapes and breaks lines as Prettier does
      }
    }
    expect(releaseVersion(folder, '--check')).toEqual({ code: 0, output: '' });

    const readme = join(folder, 'README.md');
    writeFileSync(readme, readFileSync(readme, 'utf8').replace(`crossfade-core-${version}`, 'crossfade-core-9.9.9'));
    expect(releaseVersion(folder, '--check')).toEqual({
      code: 1,
      output: `README.md: expected ${version} after "crossfade-core-", found 9.9.9\n`,
    });
    expect(releaseVersion(folder, '--frobnicate').code).toBe(2);
  });

  it('names the same version in every file today', () => {
    expect(releaseVersion(root, '--check')).toEqual({ code: 0, output: '' });
  });
});

describe.skipIf(missing('actionlint') || missingPath(zizmor))('the workflows', () => {
  const folder = join(root, '.github/workflows');
  const workflows = readdirSync(folder).map((file) => join(folder, file));

  it('pass actionlint', () => {
    expect(workflows.length).toBeGreaterThan(2);
    expect(execute('actionlint', workflows, root)).toEqual({ code: 0, output: '' });
  });

  it('pass zizmor: pinned actions, no credentials kept, no text that becomes a script, and it sees one that does', () => {
    const audit = (place: string) => execute(zizmor, ['--offline', '--no-progress', '--quiet', place], root);
    expect(audit(folder)).toMatchObject({ code: 0 });
    expect(audit(join(root, 'deploy/github-action'))).toMatchObject({ code: 0 });
    const broken = join(temporaryFolder(), 'release.yml');
    const release = readFileSync(join(folder, 'release.yml'), 'utf8');
    writeFileSync(broken, release.replace(/actions\/checkout@\w+ # v/, 'actions/checkout@v'));
    const { code, output } = audit(broken);
    expect(code).not.toBe(0);
    expect(output).toContain('unpinned-uses');
  });
});
