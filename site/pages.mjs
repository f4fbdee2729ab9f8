// Which pages the site has, and where each stands in the sidebar.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

/** Folders that are no documentation, or whose pages are for one file beside them. */
const LEFT_OUT =
  /(?:^|\/)(?:node_modules|dist|artifacts|\.[^/]+)(?:\/|$)|^site(?:\/|$)|^packages\/[^/]+\/(?!test\/)[^/]+\//;
const SHOWN = [
  /^(?:README|ARCHITECTURE|CONTRIBUTING|SECURITY|CHANGELOG|LICENCES|LICENSES)\.md$/,
  /^(?:docs|deploy|runbooks|load)\/.*\.md$/,
  /^packages\/[^/]+\/README\.md$/,
  /^packages\/client\/test\/capabilities\/capabilities\.md$/,
  /^test\/model\/README\.md$/,
];

/** Every page as its path in the repository, in order. */
export function pagesOf(folder = '') {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return LEFT_OUT.test(`${path}/`) ? [] : pagesOf(path);
      return SHOWN.some((pattern) => pattern.test(path)) ? [path] : [];
    })
    .sort();
}

/**
 * The sidebar: each group takes the pages that match, in the order of its patterns, and no page twice. A new page of a known
 * folder finds its place by itself.
 */
const GROUPS = [
  {
    text: 'Start',
    pages: [/^README\.md$/, /^docs\/README\.md$/, /^docs\/tutorial\//, /^docs\/getting-started\.md$/],
  },
  {
    text: 'How to',
    groups: [
      { text: 'Write the plan', pages: [/^docs\/plan\.md$/, /^docs\/providers\.md$/, /^docs\/providers\//] },
      {
        text: 'Prepare APIs',
        pages: [/^packages\/validator\//, /^docs\/languages\/README\.md$/, /^docs\/languages\//],
      },
      {
        text: 'Move logins and jobs',
        pages: [
          /^packages\/client\/README\.md$/,
          /^packages\/selector\//,
          /^docs\/recipes\/README\.md$/,
          /^docs\/recipes\//,
          /^docs\/storage-by-platform\.md$/,
          /^docs\/native-applications\.md$/,
        ],
      },
      { text: 'Keep the flags', pages: [/^packages\/flags\//, /^docs\/aws\.md$/] },
      { text: 'Watch', pages: [/^packages\/sidecar\//, /^docs\/prometheus-at-scale\.md$/] },
      {
        text: 'Deploy',
        pages: [
          /^deploy\/README\.md$/,
          /^deploy\//,
          /^docs\/kubernetes\.md$/,
          /^docs\/pipelines\.md$/,
          /^docs\/releases\.md$/,
          /^docs\/upgrading\.md$/,
        ],
      },
      { text: 'Operate', pages: [/^packages\/cli\//] },
      { text: 'More', pages: [/^docs\/(?!faults)[^/]+\.md$/] },
    ],
  },
  {
    text: 'Runbooks',
    pages: [
      /^runbooks\/README\.md$/,
      ...['prepare', 'expand', 'migrate', 'drain', 'close', 'finish'].map(
        (name) => new RegExp(`^runbooks/${name}\\.md$`),
      ),
      /^runbooks\/[^/]+\.md$/,
    ],
    groups: [{ text: 'Alerts', pages: [/^runbooks\/alerts\//] }],
  },
  {
    text: 'Reference',
    pages: [
      /^docs\/reference\/README\.md$/,
      /^docs\/reference\/plan\.md$/,
      /^docs\/reference\//,
      /^docs\/faults\.md$/,
      /^packages\/client\/test\//,
      /^packages\/core\//,
      /^packages\/appconfig-emulator\//,
      /^packages\/lab\//,
    ],
  },
  {
    text: 'Explanation',
    pages: [
      /^docs\/explanation\/README\.md$/,
      ...['two-switches', 'the-gate', 'not-promised'].map((name) => new RegExp(`^docs/explanation/${name}\\.md$`)),
      /^docs\/explanation\//,
    ],
    groups: [{ text: 'Decisions', pages: [/^docs\/decisions\/README\.md$/, /^docs\/decisions\//] }],
  },
  { text: 'Project', pages: [/./] },
];

/** The sidebar for VitePress. @param titleOf the title of a page. */
export function sidebarOf(pages, titleOf) {
  const placed = new Set();
  const itemsOf = ({ pages: patterns = [], groups = [] }) => [
    ...patterns.flatMap((pattern) =>
      pages
        .filter((page) => !placed.has(page) && pattern.test(page))
        .map((page) => {
          placed.add(page);
          return { text: titleOf(page), link: `/${sitePath(page)}` };
        }),
    ),
    ...groups.map((group) => ({ text: group.text, collapsed: true, items: itemsOf(group) })).filter(hasItems),
  ];
  return GROUPS.map((group) => ({ text: group.text, items: itemsOf(group) })).filter(hasItems);
}

function hasItems({ items }) {
  return items.length > 0;
}

/** The path of a page on the site: as in the repository, a README as the index of its folder. */
export function sitePath(page) {
  return page.replace(/(^|\/)README\.md$/, '$1index.md');
}
