// `npm run clean`: removes what builds, tests and `npm run pack` wrote. Needs no dependency; leaves those installed.
import { readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const packages = readdirSync(join(root, 'packages')).map((name) => join('packages', name));

for (const folder of ['.', 'test', 'load', ...packages]) {
  for (const written of ['dist', 'coverage']) rmSync(join(root, folder, written), { recursive: true, force: true });
}
rmSync(join(root, 'artifacts'), { recursive: true, force: true });
