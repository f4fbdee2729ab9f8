import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyProject } from '../fixture/empty-project.ts';
import { type LocalRegistry, startLocalRegistry, VERDACCIO } from '../fixture/local-registry.ts';
import { packedPackages } from '../fixture/packed-packages.ts';
import { executeAsync, missing, missingPath } from '../fixture/real-part.ts';

const root = resolve(import.meta.dirname, '../../..');
const manifests = readdirSync(join(root, 'packages')).map(
  (name): { name: string; version: string; dependencies?: Record<string, string> } =>
    JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')),
);

describe.skipIf(missing('node24') || missingPath(VERDACCIO))('a release in a registry', () => {
  const place = mkdtempSync(join(tmpdir(), 'crossfade-registry-'));
  let registry: LocalRegistry;
  let artifacts: string;
  beforeAll(async () => {
    [artifacts, registry] = await Promise.all([packedPackages(), startLocalRegistry(join(place, 'registry'))]);
  }, 300_000);
  afterAll(async () => {
    await registry?.close();
    rmSync(place, { recursive: true, force: true });
  });

  const publish = (folder: string) => {
    const env = { ...process.env, npm_config_registry: registry.url, npm_config_userconfig: registry.npmrc };
    const args = [join(root, '.ci/publish.mjs'), folder, '--loglevel', 'error'];
    return executeAsync(process.execPath, args, root, env);
  };
  const told = (output: string, what: string) =>
    [...output.matchAll(new RegExp(`^(@crossfade/[\\w-]+)@\\S+ ${what}$`, 'gm'))].map(([, name = '']) => name);

  it('gets every package after those that it needs; a second run finds them there', async () => {
    const first = await publish(artifacts);
    expect(first.code, first.output).toBe(0);
    const order = told(first.output, 'published');
    expect(order.toSorted()).toEqual(manifests.map(({ name }) => name).toSorted());
    for (const { name, dependencies = {} } of manifests) {
      const needed = Object.keys(dependencies).filter((other) => order.includes(other));
      expect(needed.filter((other) => order.indexOf(other) > order.indexOf(name))).toEqual([]);
    }
    const second = await publish(artifacts);
    expect([second.code, told(second.output, 'was there')]).toEqual([0, order]);
  });

  it('refuses another content under a version that is there, and a folder without tarballs', async () => {
    const other = join(place, 'other');
    cpSync(artifacts, other, { recursive: true });
    const [tarball = ''] = readdirSync(other).filter((file) => file.startsWith('crossfade-core-'));
    writeFileSync(join(other, tarball), Buffer.concat([readFileSync(join(other, tarball)), Buffer.alloc(512)]));
    expect(await publish(other)).toMatchObject({ code: 1, output: expect.stringContaining('with another content') });
    expect(await publish(place)).toMatchObject({ code: 2, output: expect.stringContaining('run npm run pack') });
  });

  it('installs by name, with all that it needs', async () => {
    const user = emptyProject(join(place, 'user'), 'node24');
    writeFileSync(join(user.folder, '.npmrc'), `@crossfade:registry=${registry.url}\n`);
    expect(await user.run('npm install @crossfade/cli')).toMatchObject({ code: 0 });
    const version = `${manifests[0]?.version}\n`;
    expect(await user.run('npx --no -- crossfade --version')).toEqual({ code: 0, output: version });
  });

  it('has a list of its parts: each with a version, a licence and a hash, ours among them', async () => {
    const file = join(place, 'crossfade.cdx.json');
    expect(await executeAsync('bash', [join(root, '.ci/sbom'), artifacts, file], place)).toMatchObject({ code: 0 });
    const { bomFormat, components } = JSON.parse(readFileSync(file, 'utf8')) as {
      bomFormat: string;
      components: { name: string; version?: string; licenses?: unknown[]; hashes?: { alg: string }[] }[];
    };
    expect(bomFormat).toBe('CycloneDX');
    expect(components.map(({ name }) => name)).toEqual(expect.arrayContaining(manifests.map(({ name }) => name)));
    const lacking = components.filter(
      ({ version, licenses = [], hashes = [] }) =>
        version === undefined || licenses.length === 0 || !hashes.some(({ alg }) => alg === 'SHA-512'),
    );
    expect(lacking.map(({ name }) => name)).toEqual([]);
    expect(await executeAsync('bash', [join(root, '.ci/sbom'), place, file], place)).toMatchObject({ code: 2 });
  });
});
