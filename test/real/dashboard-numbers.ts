import type { Page } from 'playwright-core';

/** The ids of the page's `<data>` elements. */
const SUMS = ['valid-unauthorized', 'accepted', 'rejected', 'after-close', 'unavailable'] as const;

/** The part of `/status` that the page shows. */
export type Status = {
  readonly validUnauthorized: number;
  readonly unavailable: number;
  readonly afterClose: { readonly rejected: number };
  readonly audiences: Readonly<Record<string, { readonly accepted: number; readonly rejected: number }>>;
  readonly rejections: Readonly<Record<string, number>>;
};

/** Reads the numbers that the page shows, by id, or by row and column. */
export async function shownOn(page: Page): Promise<Record<string, number>> {
  return page.evaluate<Record<string, number>>(`(() => {
    const sums = ${JSON.stringify(SUMS)}.map((id) => [id, Number(document.getElementById(id).value)]);
    const rows = [...document.querySelectorAll('#classes tr, #rejections tr')].flatMap((row) =>
      [...row.querySelectorAll('data')].map((data, index) => [row.dataset.row + ' ' + index, Number(data.value)]));
    const texts = [...document.querySelectorAll('data')].filter((data) => data.textContent.replaceAll(',', '') !== data.getAttribute('value'));
    if (texts.length > 0) throw new Error('the text of a number differs from its value');
    return Object.fromEntries([...sums, ...rows]);
  })()`);
}

/** Computes the same numbers from `/status`. */
export function expectedOf({
  validUnauthorized,
  unavailable,
  afterClose,
  audiences,
  rejections,
}: Status): Record<string, number> {
  const sum = (outcome: 'accepted' | 'rejected') =>
    Object.values(audiences).reduce((total, count) => total + count[outcome], 0);
  return {
    'valid-unauthorized': validUnauthorized,
    accepted: sum('accepted'),
    rejected: sum('rejected'),
    'after-close': afterClose.rejected,
    unavailable,
    ...Object.fromEntries(
      Object.entries(audiences).flatMap(([name, count]) => [
        [`${name} 0`, count.accepted],
        [`${name} 1`, count.rejected],
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(rejections)
        .filter(([, count]) => count > 0)
        .map(([reason, count]) => [`${reason} 0`, count]),
    ),
  };
}
