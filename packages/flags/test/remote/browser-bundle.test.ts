import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import type { RemoteSource, RemoteSourceOptions } from '../../src/remote/remote-source.ts';
import { QUARTER, startIssuanceServer } from '../fixture/issuance-server.ts';

/** Bundles the entry point for browsers, with the bundler that vitest brings along. */
async function bundle(): Promise<string> {
  const vite = createRequire(import.meta.resolve('vitest')).resolve('vite');
  const { build } = (await import(pathToFileURL(vite).href)) as {
    build(options: object): Promise<readonly { readonly output: readonly { readonly code: string }[] }[]>;
  };
  const results = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@crossfade/source', 'browser'] },
    build: {
      write: false,
      minify: true,
      lib: { entry: resolve(import.meta.dirname, '../../src/remote.ts'), formats: ['iife'], name: 'crossfade' },
    },
  });
  return results.flatMap(({ output }) => output.map(({ code }) => code)).join('\n');
}

test('the remote source runs where there is no Node: bundled, with what browsers have', async () => {
  const code = await bundle();
  expect(code).not.toMatch(/node:|browser-external|\brequire\(|\bprocess\.|\bBuffer\b/);
  process.stdout.write(`the bundle of @crossfade/flags/remote: ${Math.round(code.length / 1024)} KiB minified\n`);

  const server = await startIssuanceServer();
  // Browsers return a number, which has no unref.
  const timers = new Map<number, NodeJS.Timeout>();
  const page = createContext({
    fetch,
    AbortController,
    setTimeout(run: () => void, ms: number) {
      const id = timers.size + 1;
      timers.set(id, setTimeout(run, ms));
      return id;
    },
    clearTimeout: (id: number) => clearTimeout(timers.get(id)),
    location: { href: 'https://app.example.com/' },
  });
  runInContext(code, page);
  const { createRemoteSource } = runInContext('crossfade', page) as {
    createRemoteSource(options: RemoteSourceOptions): RemoteSource;
  };
  const source = createRemoteSource(server);
  onTestFinished(() => source.close());
  await source.ready();
  expect(source.issuance()).toMatchObject(QUARTER);
  createRemoteSource({ url: '/auth/issuance' }).close();
}, 60_000);
