/** The report's style: system fonts, light and dark, and a width that a phone has too. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1f2328; --faint: #59636e; --paper: #fff; --box: #f6f8fa; --line: #d1d9e0;
  --new: #1a7f37; --moved: #9a6700; --gone: #59636e; --escape: #cf222e; --shared: #4d5bd9; --alone: #9aa4f0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --faint: #9198a1; --paper: #0d1117; --box: #161b22;
  --line: #3d444d; --new: #3fb950; --moved: #d29922; --gone: #9198a1; --escape: #ff7b72; --shared: #8b97ff; --alone: #4d5bd9; } }
body { margin: 0 auto; padding: 1.5rem; max-width: 80rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; } .faint, caption, .note { color: var(--faint); }
nav a { margin-right: 1rem; } a { color: var(--shared); }
code, pre, .mono { font: 13px/1.45 ui-monospace, monospace; }
.table { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; } th, td { padding: .4rem .6rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); } tr:last-child td { border-bottom: 0; } thead th { background: var(--box); }
td.number { text-align: right; white-space: nowrap; } th button { all: unset; cursor: pointer; font-weight: 600; }
th button:focus-visible, input:focus-visible, a:focus-visible { outline: 2px solid var(--shared); outline-offset: 2px; }
th[aria-sort=ascending] button::after { content: " \\2191"; } th[aria-sort=descending] button::after { content: " \\2193"; }
.state { font-weight: 600; } .state, .digest, th { white-space: nowrap; } .new, .changed { color: var(--new); } .moved, .unknown { color: var(--moved); }
.gone, .same { color: var(--gone); } ul.findings { list-style: none; padding: 0; }
ul.findings li { border-left: 4px solid var(--moved); background: var(--box); padding: .5rem .75rem; margin: .5rem 0; }
ul.findings div { white-space: pre-line; } ul.findings li.escape { border-color: var(--escape); }
ul.findings strong { display: block; } ol.bars { list-style: none; padding: 0; margin: .5rem 0; }
ol.bars li { display: grid; grid-template-columns: minmax(10rem, 22rem) 1fr 6rem; gap: .75rem; align-items: center; }
ol.bars .name { font: 12px/1.7 ui-monospace, monospace; } ol.bars .size { text-align: right; color: var(--faint); }
ol.bars svg { width: 100%; height: 14px; } rect.shared, .key.shared { fill: var(--shared); background: var(--shared); }
rect.alone, .key.alone { fill: var(--alone); background: var(--alone); }
.key { display: inline-block; width: 1.5rem; height: .7rem; border-radius: 2px; margin-left: .75rem; }
pre.diff { margin: 0; padding: .5rem .75rem; white-space: pre-wrap; } .diff .before { color: var(--escape); }
.diff .after { color: var(--new); } details { margin: .5rem 0; } summary { cursor: pointer; }
.filter { display: block; margin: .5rem 0; } .filter input { font: inherit; padding: .3rem .5rem; width: min(30rem, 100%);
  border: 1px solid var(--line); border-radius: 6px; background: var(--box); color: inherit; }
@media (max-width: 45rem) { ol.bars li { grid-template-columns: 1fr 5rem; } ol.bars svg { grid-row: 2; } }
@media print { .filter { display: none; } body { max-width: none; } }
`;
