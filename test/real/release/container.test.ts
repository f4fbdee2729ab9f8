import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { execute, missing, missingPath } from '../fixture/real-part.ts';
import { type Container, runContainer } from './fixture/container.ts';
import { BASE_IMAGES, BUILD_TIMEOUT_MS, buildImage, DOCKERFILE, type Image } from './fixture/image.ts';

const root = resolve(import.meta.dirname, '../../..');
const python = process.env['CROSSFADE_PYTHON'] ?? '/opt/crossfade-python/bin/python';
const hadolint = resolve(python, '../hadolint');
const { version } = JSON.parse(readFileSync(join(root, 'packages/sidecar/package.json'), 'utf8')) as {
  version: string;
};
const REVISION = '0123456789abcdef0123456789abcdef01234567';
const EPOCH = 1_764_000_000;

interface Component {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly content: string }[];
  readonly components?: readonly Component[];
}

describe.skipIf(missingPath(hadolint))('the Dockerfile', () => {
  it('passes hadolint without an exception', () => {
    const dockerfile = join(root, DOCKERFILE);
    expect(readFileSync(dockerfile, 'utf8')).not.toContain('hadolint ignore');
    expect(execute(hadolint, ['--no-color', dockerfile], root)).toEqual({ code: 0, output: '' });
  });
});

const isUnbuildable =
  process.getuid?.() !== 0 || missing('buildah') || missing('runc') || missingPath(join(BASE_IMAGES, 'names'));

describe.skipIf(isUnbuildable)('the image of the sidecar, built by buildah', () => {
  let image: Image;
  let sbom: { readonly metadata: unknown; readonly components: readonly Component[] };

  beforeAll(() => {
    image = buildImage({ VERSION: version, REVISION, SOURCE_DATE_EPOCH: `${EPOCH}` });
    sbom = JSON.parse(readFileSync(join(image.rootfs, 'app/sbom.cdx.json'), 'utf8'));
  }, BUILD_TIMEOUT_MS);
  afterAll(() => image?.remove());

  it('says in OCI labels what it is, from which commit, and on which base', () => {
    const prefix = 'org.opencontainers.image.';
    const labels = Object.entries(image.config.Labels).filter(([name]) => name.startsWith(prefix));
    expect(Object.fromEntries(labels.map(([name, value]) => [name.slice(prefix.length), value]))).toEqual({
      title: 'crossfade-sidecar',
      description: expect.stringContaining('audience'),
      url: expect.stringMatching(/^https:/),
      source: expect.stringMatching(/^https:/),
      documentation: expect.stringMatching(/^https:/),
      licenses: 'MIT',
      version,
      revision: REVISION,
      'base.name': 'docker.io/library/debian:bookworm-slim',
    });
  });

  it('holds what deploy/README.md says, in megabytes', () => {
    const [, total, app] = /\| size \| (\d+) MB.*, (\d+) MB of them the sidecar/.exec(readDeployReadme()) ?? [];
    expect(Math.abs(megabytesOf(image.rootfs) - Number(total))).toBeLessThan(10);
    expect(Math.abs(megabytesOf(join(image.rootfs, 'app')) - Number(app))).toBeLessThan(3);
  });

  it('has no npm, yarn, compiler, source map, or private file of the clone', () => {
    for (const path of ['usr/local/bin/npm', 'usr/local/bin/npx', 'usr/local/lib/node_modules', 'src'])
      expect(existsSync(join(image.rootfs, path)), path).toBe(false);
    const files = filesIn(join(image.rootfs, 'app'));
    expect(files.filter((file) => /\.(map|ts|mts|cts)$|\.git\/|\.npmrc$|tsbuildinfo$/.test(file))).toEqual([]);
    expect(files).toContain('/runbooks/rollback.md');
    expect(files).toContain('/LICENSE');
  });

  it.skipIf(missingPath(python))('has an SBOM that CycloneDX accepts', () => {
    const script = [
      'import sys',
      'from cyclonedx.schema import SchemaVersion',
      'from cyclonedx.validation.json import JsonStrictValidator',
      'problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())',
      'sys.exit(0 if problem is None else str(problem)[:2000])',
    ].join('\n');
    const path = join(image.rootfs, 'app/sbom.cdx.json');
    expect(execute(python, ['-c', script, path], root)).toEqual({ code: 0, output: '' });
    const broken = join(mkdtempSync(join(tmpdir(), 'crossfade-sbom-')), 'broken.json');
    writeFileSync(broken, readFileSync(path, 'utf8').replace('"type": "library"', '"type": "libary"'));
    expect(execute(python, ['-c', script, broken], root).code).toBe(1);
    expect(sbom.metadata).toMatchObject({
      timestamp: new Date(EPOCH * 1000).toISOString(),
      component: { type: 'container', name: 'crossfade-sidecar', version },
    });
  });

  it('has an SBOM of exactly what it holds: each package of Debian, of npm, and Node.js', () => {
    const listed = sbom.components.map(({ purl }) => purl.replace(/\?.*/, '')).sort();
    const debian = execFileSync(
      'dpkg-query',
      ['--admindir', join(image.rootfs, 'var/lib/dpkg'), '-Wf', `$\{Package}\t$\{Version}\n`],
      { encoding: 'utf8' },
    );
    const ofDebian = debian
      .trim()
      .split('\n')
      .map((line) => line.split('\t').map(encodeURIComponent).join('@'));
    // Each manifest in the place of a package, whatever installed it.
    const app = join(image.rootfs, 'app');
    const manifests = filesIn(app).filter((file) => /(^|\/node_modules\/(@[^/]+\/)?[^/]+)\/package\.json$/.test(file));
    const ofNpm = manifests.map((file) => {
      const { name, version: found } = JSON.parse(readFileSync(join(app, file), 'utf8')) as Component;
      return `${name.split('/').map(encodeURIComponent).join('/')}@${found}`;
    });
    const node = execFileSync(join(image.rootfs, 'usr/local/bin/node'), ['--version'], { encoding: 'utf8' });
    const expected = [
      ...ofDebian.map((one) => `pkg:deb/debian/${one}`),
      ...new Set(ofNpm.map((one) => `pkg:npm/${one}`)),
      `pkg:generic/node@${node.trim().slice(1)}`,
    ];
    expect(listed).toEqual(expected.sort());
    expect(ofDebian.length).toBeGreaterThan(70);
    expect(ofNpm.length).toBeGreaterThan(100);
    const program = sbom.components.find(({ name }) => name === 'node');
    const [sum] = execFileSync('sha256sum', [join(image.rootfs, 'usr/local/bin/node')], { encoding: 'utf8' }).split(
      ' ',
    );
    expect(program?.hashes?.map(({ content }) => content)).toEqual([sum]);
    expect(program?.components?.map(({ name }) => name)).toEqual(expect.arrayContaining(['openssl', 'v8', 'undici']));
  });

  it('has no file outside of what the SBOM lists', () => {
    const info = join(image.rootfs, 'var/lib/dpkg/info');
    const lists = readdirSync(info).filter((file) => file.endsWith('.list'));
    const owned = new Set(lists.flatMap((file) => readFileSync(join(info, file), 'utf8').split('\n')));
    // Of dpkg's database, and what packages write at their installation.
    const written =
      /^\/(root\/\.(bashrc|profile)$|(var\/(lib\/(dpkg|apt|pam|shells\.state|systemd)|cache|log)|etc|usr\/share\/info|run)(\/|$))/;
    const stray = filesIn(image.rootfs, ['-type', 'f']).filter((file) => {
      const merged = file.replace(/^\/usr\/(bin|sbin|lib\w*)\//, '/$1/');
      return !owned.has(file) && !owned.has(merged) && !written.test(file) && !file.startsWith('/app/');
    });
    expect(stray).toEqual(['/usr/local/bin/node']);
  });

  describe('run with its own user, a read-only root, and no capability', () => {
    const folder = mkdtempSync(join(tmpdir(), 'crossfade-mounted-'));
    let container: Container;

    beforeAll(async () => {
      const plan = { version: 1, migration: 'orders-2026', flags: { source: 'file', path: './flags.json' } };
      const sidecar = {
        service: 'orders-api',
        mode: 'proxy',
        upstream: 'http://127.0.0.1:3000',
        metrics: '0.0.0.0:9465',
      };
      writeFileSync(join(folder, 'crossfade.yaml'), JSON.stringify({ ...plan, sidecar }));
      writeFileSync(join(folder, 'flags.json'), '{}');
      // The user of the image has to read it.
      chmodSync(folder, 0o755);
      container = runContainer(image, { [folder]: '/etc/crossfade' });
      await vi.waitFor(() => expect(container.logs()).toContain('"event":"listening"'), { timeout: 60_000 });
    });
    afterAll(async () => {
      await container?.remove();
      rmSync(folder, { recursive: true, force: true });
    });

    const get = (path: string) => {
      const script = `fetch('http://127.0.0.1:9465${path}').then(async (r) => process.stdout.write(r.status + ' ' + await r.text()))`;
      return container.exec('node', '-e', script).output;
    };

    it('is ready, and serves its metrics', () => {
      expect(get('/readyz')).toMatch(/^200 /);
      expect(get('/metrics')).toContain(`crossfade_build_info{version="${version}"`);
    });

    it('runs as a number that is not root, and can write nowhere', () => {
      expect(image.config.User).toBe('1000:1000');
      const status = container.exec('cat', '/proc/1/status').output;
      expect(status).toMatch(/^Uid:\t1000\t1000\t1000\t1000$/m);
      expect(status).toMatch(/^CapEff:\t0+$/m);
      for (const path of ['/app/x', '/tmp/x', '/var/tmp/x'])
        expect(container.exec('touch', path).code, path).not.toBe(0);
    });

    it('is healthy by its own HEALTHCHECK while it runs, and no longer once it has stopped', async () => {
      const [kind, ...command] = image.config.Healthcheck.Test;
      expect(kind).toBe('CMD');
      expect(container.exec(...command)).toEqual({ code: 0, output: '' });
      expect(image.config.StopSignal).toBe('SIGTERM');
      expect(await container.stop('TERM')).toBe(0);
      expect(container.logs()).toMatch(/"event":"final_counts".*"event":"stopped"/s);
      expect(container.exec(...command).code).not.toBe(0);
    });
  });

  it('exits with 2 without a plan, and says which file it missed', async () => {
    const container = runContainer(image, {});
    try {
      expect(await container.stop('CONT')).toBe(2);
      expect(container.logs()).toContain('/etc/crossfade/crossfade.yaml does not exist');
    } finally {
      await container.remove();
    }
  });
});

function readDeployReadme(): string {
  return readFileSync(join(root, 'deploy/README.md'), 'utf8');
}

/** Files and links below a folder, by their path from it. Does not follow links. */
function filesIn(folder: string, which: readonly string[] = ['-not', '-type', 'd']): readonly string[] {
  const files = execFileSync('find', [folder, ...which, '-printf', '/%P\n'], {
    encoding: 'utf8',
    maxBuffer: 64_000_000,
  });
  return files.trim().split('\n');
}

function megabytesOf(folder: string): number {
  const sizes = execFileSync('find', [folder, '-type', 'f', '-printf', '%s\n'], {
    encoding: 'utf8',
    maxBuffer: 64_000_000,
  });
  return (
    sizes
      .trim()
      .split('\n')
      .reduce((sum, size) => sum + Number(size), 0) / 1e6
  );
}
