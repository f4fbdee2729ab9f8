import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';

const staged = join(import.meta.dirname, '../.pages');
const { base, sidebar } = JSON.parse(readFileSync(join(staged, 'site.json'), 'utf8'));

/** A diagram is drawn in the browser; until then, and without scripts, its text is shown. */
function drawDiagrams(md) {
  const fence = md.renderer.rules.fence;
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const { info, content } = tokens[index];
    if (info.trim() !== 'mermaid') return fence(tokens, index, ...rest);
    return `<Diagram text="${encodeURIComponent(content)}" />`;
  };
}

/** A table that is wider than the text scrolls in a box of its own. */
function boxTables(md) {
  md.renderer.rules.table_open = () => '<div class="table-box"><table>\n';
  md.renderer.rules.table_close = () => '</table></div>\n';
}

/** Anchors as GitHub makes them: a link holds in both places. */
function slugify(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}

function configure(md) {
  drawDiagrams(md);
  boxTables(md);
}

export default defineConfig({
  title: 'Crossfade',
  description: 'Move an API from one access-token audience to another without rejecting one valid request.',
  lang: 'en',
  metaChunk: true,
  base,
  head: [['link', { rel: 'icon', href: `${base}icon.svg`, type: 'image/svg+xml' }]],
  srcDir: staged,
  cacheDir: join(import.meta.dirname, '../.cache'),
  lastUpdated: false,
  // The sidebar shows a hundred links: each page would load them all.
  router: { prefetchLinks: false },
  markdown: { anchor: { slugify }, config: configure, toc: { level: [2, 3] } },
  vite: {
    publicDir: join(staged, 'public'),
    logLevel: 'warn',
    build: { chunkSizeWarningLimit: 4096, reportCompressedSize: false },
  },
  themeConfig: {
    sidebar,
    outline: { level: [2, 3], label: 'On this page' },
    nav: [
      { text: 'Start', link: '/docs/getting-started' },
      { text: 'How to', link: '/docs/' },
      { text: 'Runbooks', link: '/runbooks/' },
      { text: 'Reference', link: '/docs/reference/' },
      { text: 'Explanation', link: '/docs/explanation/' },
    ],
    search: { provider: 'local' },
    docFooter: { prev: 'Before', next: 'Next' },
    editLink: { pattern: ({ frontmatter }) => frontmatter.source, text: 'Source of this page' },
    externalLinkIcon: false,
  },
});
