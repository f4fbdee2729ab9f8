// Ends with a hint, instead of `tsc: not found`, where the dependencies are not installed.
import { existsSync } from 'node:fs';

if (!existsSync(new URL('../node_modules/.modules.yaml', import.meta.url))) {
  process.stderr.write('The dependencies are not installed: run `npm run setup` first.\n');
  process.exit(1);
}
