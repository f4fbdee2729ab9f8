import { hash } from 'node:crypto';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

/** The page at `/` of the admin port: one document, nothing loaded from anywhere, fed by `/status`. */
export interface Page {
  readonly html: string;
  /** Allows this page's own style and script, and asking the server it came from; nothing else. */
  readonly contentSecurityPolicy: string;
}

export const PAGE: Page = {
  html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Crossfade</title>
<link rel="icon" href="data:,">
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
<header><h1 id="service">Crossfade</h1><p id="migration">reading /status</p></header>
<p class="phase"><span id="phase" class="value">-</span> <span id="switches"></span></p>
<figure>
<div class="bar" id="bar" role="img" aria-label="Share of accepted requests by audience"><span id="legacy"></span><span id="target"></span></div>
<figcaption id="mix">No accepted request yet.</figcaption>
</figure>
<dl>
<div><dt>Rejected</dt><dd id="rejected">-</dd></div>
<div><dt>Valid, answered 401</dt><dd id="unauthorized">-</dd></div>
<div><dt>A close would have rejected</dt><dd id="after-close">-</dd></div>
<div><dt>Last legacy token</dt><dd id="last-legacy">-</dd></div>
</dl>
<p id="flags"></p>
<p id="trouble" role="status"></p>
<nav><a href="status">status</a> <a href="stragglers">stragglers</a> <a href="metrics">metrics</a></nav>
<footer>Counts since <span id="since">-</span>, of this process alone.</footer>
</main>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`,
  contentSecurityPolicy: [
    "default-src 'none'",
    `style-src '${sourceHash(PAGE_STYLE)}'`,
    `script-src '${sourceHash(PAGE_SCRIPT)}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
};

function sourceHash(source: string): string {
  return `sha256-${hash('sha256', source, 'base64')}`;
}
