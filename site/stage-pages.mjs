// Copies every page into a folder for VitePress, with links that hold on the site.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { pagesOf, root, sidebarOf, sitePath } from './pages.mjs';

const { homepage } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
/** Where the files of the repository are shown. */
const SOURCES = `${homepage}/blob/main/`;
const IMAGE = /\.(?:png|svg|jpe?g|gif)$/;

/** Short names where the heading of a page is a sentence. */
const TITLES = {
  'README.md': 'Crossfade',
  'packages/client/test/capabilities/capabilities.md': 'Sessions by provider',
};

/** Stages all pages, with what the configuration needs beside them, in `site.json`. Returns their paths. */
export function stagePages(folder, base) {
  rmSync(folder, { recursive: true, force: true });
  const pages = pagesOf();
  const known = new Set(pages);
  for (const page of pages) {
    const path = join(folder, sitePath(page));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${frontmatter(page)}${withSiteLinks(page, known, folder)}`);
  }
  copyImage(join(import.meta.dirname, 'icon.svg'), folder, 'icon.svg');
  writeFileSync(join(folder, 'site.json'), JSON.stringify({ base, sidebar: sidebarOf(pages, titleOf) }));
  return pages;
}

function textOf(page) {
  return readFileSync(join(root, page), 'utf8');
}

function frontmatter(page) {
  const title = TITLES[page] ?? headingOf(page) ?? page;
  return `---\ntitle: ${JSON.stringify(title)}\nsource: ${JSON.stringify(SOURCES + page)}\n---\n\n${headingOf(page) === undefined ? `# ${title}\n\n` : ''}`;
}

function headingOf(page) {
  return /^# (.+)$/m.exec(textOf(page).split('\n', 1)[0])?.[1].replaceAll('`', '');
}

/** What the sidebar calls a page: its heading, up to a colon. */
function titleOf(page) {
  return TITLES[page] ?? (headingOf(page) ?? page).replace(/^(\d{4}): /, '$1 ').replace(/: .*$/, '');
}

/** Rewrites links in text; code stays as it is. */
function withSiteLinks(page, known, folder) {
  let isFence = false;
  return textOf(page)
    .split('\n')
    .map((line) => {
      if (/^\s*(?:```|~~~)/.test(line)) isFence = !isFence;
      if (isFence) return line;
      return line
        .split(/(`+[^`]*`+)/)
        .map((part, at) =>
          at % 2 === 1 ? part : part.replaceAll(LINK, (_, target) => `](${linkOf(page, target, known, folder)})`),
        )
        .join('');
    })
    .join('\n');
}

const LINK = /\]\((?!https?:|#|mailto:)([^)\s]+)\)/g;

function linkOf(page, target, known, folder) {
  const [path = '', anchor] = target.split('#');
  const hash = anchor === undefined ? '' : `#${anchor}`;
  const source = posix.normalize(posix.join(posix.dirname(page), path)).replace(/\/$/, '');
  const index = source === '.' ? 'README.md' : `${source}/README.md`;
  const linked = known.has(source) ? source : known.has(index) ? index : undefined;
  if (linked !== undefined) return posix.relative(posix.dirname(sitePath(page)), sitePath(linked)) + hash;
  if (!existsSync(join(root, source))) throw new Error(`${page}: ${target} does not exist`);
  if (IMAGE.test(source)) return imageOf(source, folder);
  return `${statSync(join(root, source)).isDirectory() ? SOURCES.replace('/blob/', '/tree/') : SOURCES}${source}${hash}`;
}

function imageOf(source, folder) {
  const name = source.replaceAll('/', '-');
  copyImage(join(root, source), folder, name);
  return `/${name}`;
}

function copyImage(from, folder, name) {
  mkdirSync(join(folder, 'public'), { recursive: true });
  copyFileSync(from, join(folder, 'public', name));
}
