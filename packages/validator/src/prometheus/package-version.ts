import { readFileSync } from 'node:fs';

/** Returns the version in this package's `package.json`; `unknown` where a bundler left that file behind. */
export function packageVersion(): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    return String((manifest as { readonly version?: string }).version ?? 'unknown');
  } catch {
    return 'unknown';
  }
}
