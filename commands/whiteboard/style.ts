const LIGHT = {
  paper: '#ffffff',
  ink: '#1c2430',
  quiet: '#56616f',
  box: '#f6f8fa',
  edge: '#b6c0cc',
  panel: '#eaf2fd',
  panelEdge: '#8bb3e8',
  panelBox: '#ffffff',
  watch: '#1f5fbf',
  beyond: '#7a8594',
  alarm: '#b3261e',
  wall0: '#b4561a',
  wall1: '#0b7a6d',
  wall2: '#7040b8',
};

const DARK: typeof LIGHT = {
  paper: '#0d1117',
  ink: '#e9eef5',
  quiet: '#a3afbd',
  box: '#182029',
  edge: '#465261',
  panel: '#12233a',
  panelEdge: '#38609a',
  panelBox: '#0d1828',
  watch: '#79b0f7',
  beyond: '#7d8997',
  alarm: '#ff8a80',
  wall0: '#d9813f',
  wall1: '#2fae9e',
  wall2: '#a983ea',
};

const variables = (colours: typeof LIGHT): string =>
  Object.entries(colours)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');

/** Number of wall colours; further firewalls reuse them. */
export const WALLS = 3;

const walls = Array.from(
  { length: WALLS },
  (_, i) => `.wall-${i}{stroke:var(--wall${i});stroke-width:11}.tag-${i}{fill:var(--wall${i})}`,
);

/** The style sheet of the drawing: light, and dark where the reader prefers it. */
export const STYLE = [
  `svg{${variables(LIGHT)}}`,
  `@media (prefers-color-scheme:dark){svg{${variables(DARK)}}}`,
  'text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:var(--ink)}',
  '.name{font-size:16px;font-weight:650}.middle{text-anchor:middle}.on-wall{font-size:12px;fill:var(--paper)}',
  '.strong{font-weight:650}.quiet{fill:var(--quiet)}.alarm{fill:var(--alarm);font-weight:650}.note{fill:var(--quiet)}',
  '.paper{fill:var(--paper)}.server{fill:var(--box);stroke:var(--edge);stroke-width:1.5}',
  '.panel{fill:var(--panel);stroke:var(--panelEdge);stroke-width:1.5}.client{fill:var(--panelBox);stroke:var(--panelEdge)}',
  '.outside{fill:none;stroke:var(--beyond);stroke-width:1.5;stroke-dasharray:5 4}.pod{fill:var(--paper);stroke:var(--edge);stroke-width:1.5}',
  'path{fill:none;stroke-linejoin:round}.visit{stroke:var(--ink);stroke-width:2}.watch{stroke:var(--watch);stroke-width:1.75}.beyond{stroke:var(--beyond);stroke-width:1.5}',
  '.head-visit{fill:var(--ink)}.head-watch{fill:var(--watch)}.head-beyond{fill:var(--beyond)}',
  '.joint{stroke:var(--paper);stroke-width:1;opacity:.75}.brick{stroke:var(--paper);stroke-width:4.5;stroke-dasharray:1 13;opacity:.75}',
  ...walls,
].join('\n');
