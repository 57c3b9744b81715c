import { type Arrow, INTERNET } from './arrows';
import {
  type Beyond,
  beyondOf,
  type Columns,
  columnsOf,
  labelOf,
  NAME,
  type Routes,
  routesOf,
  SKY,
  WIDTH,
} from './frame';
import { placeName, type Whiteboard } from './model';
import { drawRows, rowsOf } from './rows';
import { type Block, type Shape, wrap, write } from './shapes';
import { drawSide, type SideDrawing } from './side';
import type { Drawing } from './svg';

const MARGIN = 14;
const PAD = 12;
const GAP = 20;

const NOTE =
  'Thick lines are firewalls: an arrow goes through the wall that lets it in. ' +
  'No other connection is possible: every pod is denied the rest, in both directions.';

/**
 * The layers run from the internet downwards; servers beside the chain are on the right, outside places at the bottom.
 */
export function drawingOf(board: Whiteboard, environment: string): Drawing {
  const routes = routesOf(board);
  const beyond = beyondOf(board, routes);
  const columns = columnsOf(board, routes, beyond);
  const sky = MARGIN + SKY;
  const rows = rowsOf(board, routes, columns, sky);
  const side = drawSide(board, routes, columns, rows, sky);
  const chainBottom = rows.at(-1)?.bottom ?? sky;
  const bottom = drawBeyond(routes, columns, beyond, chainBottom, side.bottom);
  const internet = { x: columns.chain.left, y: MARGIN, width: columns.side.right - columns.chain.left, height: SKY };
  const exits = new Map(rows.map(({ server, top }) => [server.name, top]));
  return {
    width: WIDTH,
    height: Math.ceil(bottom.bottom + MARGIN + 4),
    title: `The whiteboard of ${environment}: ${board.chain.map(({ name }) => name).join(', ')} behind their firewalls`,
    description: describe(board),
    shapes: [
      ...lanes(routes, columns, bottom.entries, exits, side),
      { kind: 'box', look: 'outside', area: internet, radius: SKY / 2 },
      ...write(wrap([{ text: INTERNET, look: 'name' }], 400), [internet.x + internet.width / 2, MARGIN + 11], 'middle'),
      ...drawRows(board, routes, columns, rows, side.gates, sky),
      ...side.shapes,
      ...bottom.shapes,
    ],
  };
}

interface BeyondDrawing {
  readonly shapes: readonly Shape[];
  readonly bottom: number;
  /** The height at which arrows enter a box. */
  readonly entries: ReadonlyMap<string, number>;
}

function drawBeyond(routes: Routes, columns: Columns, beyond: Beyond, chainBottom: number, sideBottom: number) {
  const shapes: Shape[] = [];
  const entries = new Map<string, number>();
  const column = (places: readonly string[], { left, right }: { left: number; right: number }, start: number) => {
    let y = start;
    for (const place of places) {
      const label = labelAt(place, [...routes.left, ...routes.right], right - left - 2 * PAD);
      const height = PAD + NAME + label.reduce((sum, block) => sum + block.height, 0) + PAD - 4;
      const top = y + GAP;
      shapes.push({ kind: 'box', look: 'outside', area: { x: left, y: top, width: right - left, height }, radius: 8 });
      shapes.push(...write(wrap([{ text: placeName(place), look: 'name' }], 400), [left + PAD + 2, top + PAD - 3]));
      let line = top + PAD + NAME - 2;
      for (const block of label) {
        shapes.push(...write(block, [left + PAD + 2, line]));
        line += block.height;
      }
      entries.set(place, top + height / 2);
      y = top + height;
    }
    return y;
  };
  const note = wrap([{ text: NOTE }], columns.chain.right - columns.chain.left);
  const noteTop = column(beyond.chain, columns.chain, chainBottom) + GAP + 4;
  shapes.push(...write(note, [columns.chain.left, noteTop], 'start', 'note'));
  const lowest = Math.max(noteTop + note.height, column(beyond.side, columns.side, sideBottom));
  const whole = { left: columns.chain.left, right: columns.side.right };
  return { shapes, entries, bottom: column(beyond.both, whole, lowest) } satisfies BeyondDrawing;
}

/** One label for all arrows to a place with the same text, otherwise one per source. */
function labelAt(place: string, arrows: readonly Arrow[], width: number): Block[] {
  const own = arrows.filter(({ to }) => to === place);
  const isSame = own.every(({ ports, reason }) => ports === own[0]?.ports && reason === own[0]?.reason);
  if (isSame) return own.slice(0, 1).map((arrow) => wrap(labelOf(arrow), width));
  return own.map((arrow) => wrap([{ text: `from ${arrow.from}`, look: 'quiet' }, ...labelOf(arrow)], width));
}

/** Arrows along the edges: arrows of one lane join into one line. */
function lanes(
  { left, right }: Routes,
  { chain, side, leftLanes, rightLanes }: Columns,
  entries: ReadonlyMap<string, number>,
  tops: ReadonlyMap<string, number>,
  { boxes }: SideDrawing,
): Shape[] {
  const fromChain = left.map((arrow): Shape => {
    const lane = leftLanes.get(arrow.to) ?? 0;
    const start = (tops.get(arrow.from) ?? 0) + 22 + 12 * [...leftLanes.keys()].indexOf(arrow.to);
    const end = entries.get(arrow.to) ?? 0;
    return line([
      [chain.left, start],
      [lane, start],
      [lane, end],
      [chain.left, end],
    ]);
  });
  const fromSide = right.map((arrow): Shape => {
    const lane = rightLanes.get(arrow.from) ?? 0;
    const start = (boxes.get(arrow.from)?.bottom ?? 0) - 16;
    const end = entries.get(arrow.to) ?? (boxes.get(arrow.to)?.top ?? 0) + 22;
    return line([
      [side.right, start],
      [lane, start],
      [lane, end],
      [side.right, end],
    ]);
  });
  return [...fromChain, ...fromSide];
}

const line = (points: [number, number][]): Shape => ({ kind: 'line', look: 'beyond', points, heads: 'end' });

function describe({ chain, beside, arrows }: Whiteboard): string {
  const servers = [...chain, ...beside].map(
    ({ name, program, count, firewall }) =>
      `${name}: ${program} ${count}${firewall ? `, behind the ${firewall} firewall` : ''}.`,
  );
  const ways = arrows.map(
    ({ from, to, ports, reason }) =>
      `${placeName(from)} to ${placeName(to)}, ${ports}: ${reason ?? 'no reason given'}.`,
  );
  return [...servers, 'Connections:', ...ways].join('\n');
}
