// Before `pnpm pack` of the CLI: copies runbooks/ into the package, which ships them. `--remove` takes them out again.
import { cpSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const copy = resolve(root, 'packages/cli/runbooks');
rmSync(copy, { recursive: true, force: true });
if (process.argv[2] !== '--remove') cpSync(resolve(root, 'runbooks'), copy, { recursive: true });
