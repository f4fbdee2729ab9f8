import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, resolve, sep } from 'node:path';
import { bucketOf, createSelector, targetBuckets } from '@crossfade/selector';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execute, missing } from './fixture/real-part.ts';

const root = resolve(import.meta.dirname, '../..');
const packages = resolve(root, 'packages');
const installed = (name: string, specifier: string) =>
  dirname(createRequire(resolve(packages, name, 'package.json')).resolve(specifier));

/** The published files, and an import map instead of a bundler. */
const FOLDERS: Readonly<Record<string, string>> = {
  '/selector/': resolve(packages, 'selector/dist'),
  '/core/': resolve(packages, 'core/dist'),
  '/hashes/': installed('selector', '@noble/hashes/sha2.js'),
  '/zod/': installed('core', 'zod'),
};
const IMPORTS = {
  '@crossfade/selector': '/selector/index.js',
  '@crossfade/core': '/core/index.js',
  '@noble/hashes/': '/hashes/',
  zod: '/zod/index.js',
};
const PAGE = `<!doctype html><title>bucketing</title>
<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>
<script type="module">
  import { bucketOf, createSelector, targetBuckets } from '@crossfade/selector';
  Object.assign(globalThis, { bucketOf, createSelector, targetBuckets, isReady: true });
</script>`;

const SALT = 'orders-2026';
const POSITION = { enabled: true, percent: 33.33, revision: '7', sinceMs: null };
const SIDES = { legacy: { scope: 'openid' }, target: { scope: 'openid orders:read' } };

interface Vectors {
  readonly buckets: readonly { readonly salt: string; readonly key: string; readonly bucket: number }[];
  readonly percents: readonly { readonly percent: number; readonly targetBuckets: number }[];
}
const vectors = JSON.parse(readFileSync(resolve(packages, 'selector/bucketing.vectors.json'), 'utf8')) as Vectors;

describe.skipIf(missing('chromium'))('bucketing in Chromium', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const file = fileOf(request.url ?? '/');
      const type = file === undefined ? 'text/html' : 'text/javascript';
      response.setHeader('content-type', `${type}; charset=utf-8`);
      response.end(file === undefined ? PAGE : readFileSync(file));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    browser = await chromium.launch({
      executablePath: execute('sh', ['-c', 'command -v chromium'], root).output.trim(),
      args: [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
        ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ],
    });
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction('globalThis.isReady === true');
  });

  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
  });

  /** Evaluates an expression over `input` in the page. */
  function inPage<Output>(expression: string, input: unknown): Promise<Output> {
    return page.evaluate<Output>(`((input) => ${expression})(${JSON.stringify(input)})`);
  }

  it('reproduces every published vector', async () => {
    expect(await inPage('input.map(({ salt, key }) => bucketOf(salt, key))', vectors.buckets)).toEqual(
      vectors.buckets.map(({ bucket }) => bucket),
    );
    expect(await inPage('input.map(({ percent }) => targetBuckets(percent))', vectors.percents)).toEqual(
      vectors.percents.map((vector) => vector.targetBuckets),
    );
    for (const { salt, key, bucket } of vectors.buckets) expect(bucketOf(salt, key)).toBe(bucket);
    for (const vector of vectors.percents) expect(targetBuckets(vector.percent)).toBe(vector.targetBuckets);
  });

  it('puts 10,000 random keys, of any characters, into the same bucket and onto the same side as Node', async () => {
    // Half of them are random UTF-16, lone surrogates included.
    const keys = Array.from({ length: 10_000 }, (_, index) =>
      randomBytes(2 * randomInt(1, 40)).toString(index % 2 === 0 ? 'utf16le' : 'base64url'),
    );
    const selector = createSelector({ ...SIDES, salt: SALT, issuance: () => POSITION });
    const inNode = keys.map((key) => [bucketOf(SALT, key), selector.select({ key }).side]);
    const inChromium = await inPage<unknown[]>(
      `{
        const { keys, sides, position } = input;
        const selector = createSelector({ ...sides, salt: '${SALT}', issuance: () => position });
        return keys.map((key) => [bucketOf('${SALT}', key), selector.select({ key }).side]);
      }`,
      { keys, sides: SIDES, position: POSITION },
    );
    const differing = keys.filter((_, index) => JSON.stringify(inNode[index]) !== JSON.stringify(inChromium[index]));
    expect(differing).toEqual([]);
    expect(inChromium).toHaveLength(keys.length);
    process.stdout.write(
      `bucketing: ${vectors.buckets.length + vectors.percents.length} vectors and ${keys.length} random keys the same in Node ${process.versions.node} and Chromium ${browser.version()}\n`,
    );
  });
});

/** Returns the published file for a path of the page, if there is one. */
function fileOf(url: string): string | undefined {
  const { pathname } = new URL(url, 'http://page');
  const folder = Object.keys(FOLDERS).find((prefix) => pathname.startsWith(prefix));
  if (folder === undefined) return undefined;
  const base = FOLDERS[folder] ?? '';
  const file = resolve(base, pathname.slice(folder.length));
  return file.startsWith(base + sep) ? file : undefined;
}
