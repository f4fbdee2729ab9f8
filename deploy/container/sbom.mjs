// Writes the SBOM of a container's file system to standard output, as CycloneDX 1.6: Debian's packages, Node.js with the
// libraries inside its program, and the npm packages of /app. It reads the files themselves, not what was asked to be installed.
//   node sbom.mjs /folder > sbom.cdx.json
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [root] = process.argv.slice(2);
if (root === undefined) {
  process.stderr.write('sbom: name the folder that holds the file system: node sbom.mjs /folder\n');
  process.exit(2);
}

const sidecar = JSON.parse(readFileSync(join(root, 'app/package.json'), 'utf8'));
const components = [...debianPackages(), nodeProgram(), ...npmPackages()].sort((one, other) =>
  one['bom-ref'] < other['bom-ref'] ? -1 : 1,
);
const seconds = process.env.SOURCE_DATE_EPOCH;
const document = {
  $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  serialNumber: serialNumberOf(components),
  version: 1,
  metadata: {
    ...(seconds ? { timestamp: new Date(Number(seconds) * 1000).toISOString() } : {}),
    component: { type: 'container', 'bom-ref': 'image', name: 'crossfade-sidecar', version: sidecar.version },
  },
  components,
};
process.stdout.write(`${JSON.stringify(document, null, 1)}\n`);

/** The installed packages of dpkg's own database. */
function debianPackages() {
  const release = readFileSync(join(root, 'etc/os-release'), 'utf8');
  const distribution = `debian-${/^VERSION_ID="?([\d.]+)/m.exec(release)?.[1] ?? ''}`;
  return readFileSync(join(root, 'var/lib/dpkg/status'), 'utf8')
    .split('\n\n')
    .map((paragraph) =>
      Object.fromEntries([...paragraph.matchAll(/^([\w-]+): (.+)$/gm)].map(([, key, value]) => [key, value])),
    )
    .filter(({ Status }) => Status === 'install ok installed')
    .map(({ Package, Version, Architecture }) => {
      const purl = `pkg:deb/debian/${encode(Package)}@${encode(Version)}?arch=${Architecture}&distro=${distribution}`;
      return { type: 'library', 'bom-ref': purl, name: Package, version: Version, purl };
    });
}

/** The program `node`, and what it says is linked into it. */
function nodeProgram() {
  const path = join(root, 'usr/local/bin/node');
  const { node, ...linked } = JSON.parse(
    execFileSync(path, ['-p', 'JSON.stringify(process.versions)'], { encoding: 'utf8' }),
  );
  // Numbers of interfaces and of data, not of libraries.
  const data = ['modules', 'napi', 'cldr', 'tz', 'unicode'];
  const purl = `pkg:generic/node@${encode(node)}`;
  return {
    type: 'application',
    'bom-ref': purl,
    name: 'node',
    version: node,
    hashes: [{ alg: 'SHA-256', content: createHash('sha256').update(readFileSync(path)).digest('hex') }],
    licenses: [{ license: { id: 'MIT' } }],
    cpe: `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*`,
    purl,
    components: Object.entries(linked)
      .filter(([name]) => !data.includes(name))
      .map(([name, version]) => {
        const ref = `pkg:generic/${encode(name)}@${encode(version)}`;
        return { type: 'library', 'bom-ref': `${purl}#${name}`, name, version, purl: ref };
      }),
  };
}

/** The npm packages of /app and of its node_modules, each version once. */
function npmPackages() {
  const found = new Map();
  for (const folder of [join(root, 'app'), ...packageFolders(join(root, 'app/node_modules'))]) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const purl = `pkg:npm/${name.split('/').map(encode).join('/')}@${encode(version)}`;
    const isExpression = typeof license === 'string' && /^[\w.+() -]+$/.test(license) && !license.startsWith('SEE ');
    const licenses = isExpression ? [{ expression: license }] : [];
    found.set(purl, {
      type: 'library',
      'bom-ref': purl,
      name,
      version,
      ...(licenses.length > 0 ? { licenses } : {}),
      purl,
    });
  }
  return found.values();
}

/** The folders of packages below a node_modules; symbolic links lead to others of them. */
function packageFolders(modules) {
  if (!existsSync(modules)) return [];
  return foldersIn(modules).flatMap((name) => {
    const folder = join(modules, name);
    if (name === '.pnpm') return foldersIn(folder).flatMap((one) => packageFolders(join(folder, one, 'node_modules')));
    if (name.startsWith('@'))
      return foldersIn(folder).flatMap((one) => [
        join(folder, one),
        ...packageFolders(join(folder, one, 'node_modules')),
      ]);
    return [folder, ...packageFolders(join(folder, 'node_modules'))];
  });
}

function foldersIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && (entry.name === '.pnpm' || !entry.name.startsWith('.')))
    .map(({ name }) => name);
}

/** Equal content has an equal number. */
function serialNumberOf(content) {
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  return `urn:uuid:${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

function encode(text) {
  return encodeURIComponent(text);
}
