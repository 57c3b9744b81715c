import { type Arrow, INTERNET } from './arrows';
import { placeName, type Whiteboard } from './model';
import type { Server } from './servers';

/**
 * The whiteboard in Mermaid's language; a server is inside its firewall.
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function toMermaid({ chain, beside, outside, arrows }: Whiteboard, origin: string): string {
  // a loop's label would overlap its neighbours'
  const lines = arrows.filter(({ from, to }) => from !== to);
  const alarms = lines.flatMap(({ reason }, i) => (reason === undefined ? [i] : []));
  return [
    `%% ${origin}`,
    'flowchart TB',
    ...[INTERNET, ...outside].map((place) => `  ${id(place)}(["${escapeLabel(placeName(place))}"])`),
    ...[...chain, ...beside].flatMap((server) => nodeOf(server, arrows)),
    ...lines.map((arrow) => `  ${id(arrow.from)} -- "${labelOf(arrow)}" --> ${id(arrow.to)}`),
    '  classDef firewall fill:none,stroke:#b4561a,stroke-width:4px',
    ...(alarms.length > 0 ? [`  linkStyle ${alarms.join(',')} stroke:#b3261e,color:#b3261e`] : []),
    '',
  ].join('\n');
}

function nodeOf({ name, program, count, firewall }: Server, arrows: readonly Arrow[]): string[] {
  const loops = arrows.filter(({ from, to }) => from === name && to === name);
  const among = loops.map((loop) => `<br/>among each other ${labelOf(loop)}`).join('');
  const node = `${id(name)}["<b>${escapeLabel(name)}</b><br/>${escapeLabel(`${program} ${count}`)}${among}"]`;
  if (!firewall) return [`  ${node}`];
  return [
    `  subgraph wall_${id(name)}["${escapeLabel(firewall)} firewall"]`,
    `    ${node}`,
    '  end',
    `  class wall_${id(name)} firewall`,
  ];
}

const labelOf = ({ ports, reason }: Arrow): string =>
  `<b>${escapeLabel(ports)}</b><br/>${escapeLabel(reason ?? 'no reason given')}`;

const id = (name: string): string => name.replace(/[^A-Za-z0-9]/g, '_');

/** Numeric entities, as Mermaid requires in labels. */
const escapeLabel = (text: string): string =>
  text.replace(/["#;&<>`]/g, (letter) => `#${letter.charCodeAt(0)};`).replace(/\*/g, '#42;');
