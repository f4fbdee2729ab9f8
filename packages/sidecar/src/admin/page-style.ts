/** The style of the page at `/`: light and dark, at phone width too. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --legacy: #b45309; --target: #0f766e; --line: light-dark(#d6d3d1, #44403c); --dim: light-dark(#57534e, #a8a29e); }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; background: light-dark(#fafaf9, #1c1917); color: light-dark(#1c1917, #fafaf9); }
main { max-width: 44rem; margin: 0 auto; padding: 2rem 1rem; }
h1 { font-size: 1.5rem; margin: 0; } header p, footer, figcaption, dt { color: var(--dim); margin: 0; }
.phase { font-size: 1.25rem; margin: 1.5rem 0; } .value { font-weight: 650; }
figure { margin: 0 0 1.5rem; }
.bar { display: flex; height: 2rem; border-radius: .5rem; overflow: hidden; background: var(--line); }
.bar span { width: 0; transition: width .3s; } #legacy { background: var(--legacy); } #target { background: var(--target); }
@media (prefers-reduced-motion: reduce) { .bar span { transition: none; } }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1rem; margin: 0 0 1.5rem; }
dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
nav { margin: 1.5rem 0; display: flex; gap: 1rem; } a { color: inherit; }
#trouble { font-weight: 650; color: light-dark(#b91c1c, #fca5a5); }
`;
