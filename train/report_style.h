// The style sheet of the report: light and dark after the reader's system, and for paper.
#pragma once

namespace rc {

inline constexpr const char* kReportStyle = R"css(
:root { --ink:#1c2430; --soft:#5d6878; --faint:#e4e8ee; --paper:#ffffff; --ground:#f5f6f8; --accent:#1f5fbf;
  --c1:#2867c8; --c2:#d9592b; --c3:#1b8f6a; --c4:#8a4fbf; --c5:#b8860b; --c6:#c23b78; }
@media (prefers-color-scheme: dark) { :root { --ink:#e6eaf0; --soft:#98a3b3; --faint:#2c3440; --paper:#181d25; --ground:#10141a;
  --accent:#7fb0ff; --c1:#6aa2f7; --c2:#ff8a5c; --c3:#4cc79c; --c4:#bb8cf0; --c5:#e0b040; --c6:#f07bb0; } }
* { box-sizing:border-box; }
body { margin:0; background:var(--ground); color:var(--ink); font:15px/1.5 system-ui,"Segoe UI","DejaVu Sans",sans-serif; -webkit-text-size-adjust:100%; }
main { max-width:1120px; margin:0 auto; padding:40px 24px 64px; }
h1 { font-size:28px; line-height:1.2; margin:0 0 8px; letter-spacing:-.01em; overflow-wrap:anywhere; }
h2 { font-size:18px; margin:40px 0 12px; }
h3 { font-size:14px; margin:0 0 10px; color:var(--soft); font-weight:600; }
h4 { font-size:13px; margin:0 0 6px; font-weight:600; }
p { margin:0 0 12px; overflow-wrap:anywhere; } .soft { color:var(--soft); } .note { color:var(--soft); font-size:12.5px; margin:10px 0 0; }
a { color:var(--accent); text-decoration:none; } a:hover { text-decoration:underline; }
article { margin-top:56px; padding-top:32px; border-top:2px solid var(--faint); }
section.card, .tile { background:var(--paper); border:1px solid var(--faint); border-radius:10px; }
section.card { padding:20px; margin-bottom:16px; overflow-x:auto; }
.tiles { display:grid; grid-template-columns:repeat(auto-fit,minmax(150px,1fr)); gap:12px; margin-top:24px; }
.tile { padding:14px 16px; } .tile b { display:block; font-size:24px; line-height:1.25; font-weight:600; font-variant-numeric:tabular-nums; }
.tile span { color:var(--soft); font-size:13px; overflow-wrap:anywhere; }
.columns { display:grid; grid-template-columns:repeat(auto-fit,minmax(min(420px,100%),1fr)); gap:16px; align-items:start; margin-bottom:16px; }
.columns > section.card { margin:0; min-width:0; }
.panels { display:grid; grid-template-columns:repeat(auto-fill,minmax(200px,1fr)); gap:20px 24px; }
table { border-collapse:collapse; width:100%; font-variant-numeric:tabular-nums; }
th { text-align:right; font-weight:600; color:var(--soft); font-size:13px; } td { text-align:right; }
th, td { padding:6px 8px; font-size:14px; border-bottom:1px solid var(--faint); white-space:nowrap; }
th:first-child, td:first-child { text-align:left; padding-left:0; } tr:last-child td { border-bottom:0; }
tr.all td { font-weight:600; } .ci { display:inline-block; min-width:7.5em; font-weight:400; }
.h1 { background:rgb(217 89 43/.07); } .h2 { background:rgb(217 89 43/.15); } .h3 { background:rgb(217 89 43/.24); } .h4 { background:rgb(217 89 43/.34); } .h5 { background:rgb(217 89 43/.45); }
table.facts { table-layout:fixed; } table.facts td { font-size:13px; padding:4px 0; vertical-align:top; }
table.facts td:first-child { color:var(--soft); width:45%; padding-right:12px; overflow-wrap:anywhere; white-space:normal; }
table.facts td:last-child { text-align:left; font-family:ui-monospace,"DejaVu Sans Mono",monospace; font-size:12px; white-space:normal; overflow-wrap:anywhere; }
table.contents td { white-space:normal; } table.contents td:last-child { text-align:left; color:var(--soft); font-size:13px; }
table.settings td { font-size:13px; } table.settings td:not(:first-child) { font-family:ui-monospace,"DejaVu Sans Mono",monospace; font-size:12px; }
.legend { display:flex; flex-wrap:wrap; gap:2px 14px; font-size:12.5px; color:var(--soft); margin:0 0 6px; }
.legend span { white-space:nowrap; } .legend i, .key { display:inline-block; width:10px; height:10px; border-radius:2px; margin-right:6px; }
svg { width:100%; height:auto; display:block; } svg.mark { width:110px; height:18px; display:inline-block; vertical-align:middle; }
svg text { fill:var(--soft); font-size:12px; }
.grid { stroke:var(--faint); } .axis { stroke:var(--soft); } .chance { stroke:var(--soft); stroke-dasharray:3 4; opacity:.7; }
.whisker { stroke:var(--c1); stroke-width:3; stroke-linecap:round; opacity:.45; }
.line { fill:none; stroke-width:2; stroke-linejoin:round; } .band { opacity:.15; } .area { fill-opacity:.3; stroke-width:1.5; stroke-linejoin:round; }
.dot { opacity:.55; } .marked { stroke:var(--ink); stroke-width:1.6; } .star { fill:var(--ink); stroke:var(--paper); stroke-width:2; }
.stroke-1 { stroke:var(--c1); } .stroke-2 { stroke:var(--c2); } .stroke-3 { stroke:var(--c3); }
.stroke-4 { stroke:var(--c4); } .stroke-5 { stroke:var(--c5); } .stroke-6 { stroke:var(--c6); }
.fill-1 { fill:var(--c1); } .fill-2 { fill:var(--c2); } .fill-3 { fill:var(--c3); }
.fill-4 { fill:var(--c4); } .fill-5 { fill:var(--c5); } .fill-6 { fill:var(--c6); }
.key-1 { background:var(--c1); } .key-2 { background:var(--c2); } .key-3 { background:var(--c3); }
.key-4 { background:var(--c4); } .key-5 { background:var(--c5); } .key-6 { background:var(--c6); }
.gallery { display:grid; grid-template-columns:repeat(auto-fill,minmax(156px,1fr)); gap:14px; margin-bottom:20px; }
figure { margin:0; } figure div { display:grid; grid-template-columns:1fr 1fr; gap:2px; border-radius:6px; overflow:hidden; }
figure img { display:block; width:100%; height:auto; } figcaption { font-size:12px; color:var(--soft); margin-top:4px; overflow-wrap:anywhere; }
figcaption b { color:var(--ink); font-variant-numeric:tabular-nums; }
@media (max-width:600px) { main { padding:24px 12px 40px; } section.card { padding:14px; } h1 { font-size:23px; }
  .tiles { grid-template-columns:repeat(auto-fit,minmax(104px,1fr)); gap:8px; } .tile { padding:10px 12px; } .tile b { font-size:19px; }
  svg text { font-size:15px; } .panels { grid-template-columns:repeat(auto-fill,minmax(140px,1fr)); } .gallery { grid-template-columns:repeat(auto-fill,minmax(140px,1fr)); } }
@media print { :root { --ink:#1c2430; --soft:#5d6878; --faint:#d5dae2; --paper:#ffffff; --ground:#ffffff;
    --c1:#2867c8; --c2:#d9592b; --c3:#1b8f6a; --c4:#8a4fbf; --c5:#b8860b; --c6:#c23b78; }
  body { font-size:11px; -webkit-print-color-adjust:exact; print-color-adjust:exact; } main { max-width:none; padding:0; }
  section.card { overflow:visible; padding:10px; } section.card, .tile, figure, .panels > div { break-inside:avoid; } h2, h3, h4 { break-after:avoid; }
  .columns { grid-template-columns:1fr 1fr; } th, td { font-size:10px; padding:3px 5px; } svg.mark { width:70px; } article { break-before:page; border:0; margin:0; } }
)css";

}  // namespace rc
