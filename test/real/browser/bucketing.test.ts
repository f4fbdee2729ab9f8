import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { bucketOf, createSelector, targetBuckets } from '@crossfade/selector';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, openModules } from '../fixture/chromium.ts';
import { IMPORT_MAP, publishedFile } from '../fixture/import-map.ts';
import { type LoopbackServer, startLoopbackServer } from '../fixture/loopback-server.ts';
import { missing } from '../fixture/real-part.ts';

const PAGE = `<!doctype html><title>bucketing</title>
<script type="importmap">${JSON.stringify(IMPORT_MAP)}</script>
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
const vectors = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../../../packages/selector/bucketing.vectors.json'), 'utf8'),
) as Vectors;

describe.skipIf(missing('chromium'))('bucketing in Chromium', () => {
  let server: LoopbackServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    server = await startLoopbackServer((request, response) => {
      const file = publishedFile(new URL(request.url ?? '/', 'http://page').pathname);
      response.setHeader('content-type', `${file === undefined ? 'text/html' : 'text/javascript'}; charset=utf-8`);
      response.end(file ?? PAGE);
    });
    browser = await launchChromium();
    page = await browser.newPage();
    await openModules(page, server.url, 'globalThis.isReady === true');
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
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
