import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';

/** Red, green and blue of the legacy side near its top, in steps of 32, because the chart shades it. */
export const LEGACY_PIXEL = { dark: '7 4 2', light: '7 4 1' } as const;
/** An expression for the colours of one row of the chart, near its top. */
export const ROW_OF_PIXELS = `(() => {
  const canvas = document.querySelector('#share-plot canvas');
  const { data } = canvas.getContext('2d').getImageData(0, Math.round(canvas.height * 0.2), canvas.width, 1);
  const colour = (_, index) => [...data.slice(4 * index, 4 * index + 3)].map((part) => Math.floor(part / 32)).join(' ');
  return Array.from({ length: canvas.width }, colour);
})()`;

/** Waits until the chart has at least `count` points. */
export async function pointsShown(
  page: Page,
  count: number,
  polling: { timeout: number; interval: number },
): Promise<void> {
  const enough = async () =>
    expect(Number(await page.getAttribute('#scrubber', 'max'))).toBeGreaterThanOrEqual(count - 1);
  await vi.waitFor(enough, polling);
}
