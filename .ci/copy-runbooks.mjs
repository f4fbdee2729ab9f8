// Before `pnpm pack` of the CLI and of the sidecar: copies runbooks/ into the package, which ships them: `cli` or `sidecar`.
// `--remove` takes them out again.
import { cpSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

const [name, ...options] = process.argv.slice(2);
if (name !== 'cli' && name !== 'sidecar') throw new Error('copy-runbooks: name the package, cli or sidecar');
const root = resolve(import.meta.dirname, '..');
const copy = resolve(root, 'packages', name, 'runbooks');
rmSync(copy, { recursive: true, force: true });
if (!options.includes('--remove')) cpSync(resolve(root, 'runbooks'), copy, { recursive: true });
