import { type Columns, NAME, type Routes } from './frame';
import type { Whiteboard } from './model';
import type { Row } from './rows';
import type { Server } from './servers';
import { type Shape, wrap, write } from './shapes';
import {
  CARD_GAP,
  cardHeight,
  headHeight,
  headOf,
  heightBeside,
  INSET,
  isAtHome,
  PAD,
  type Talk,
  talkHeight,
  talksOf,
  upLabel,
} from './side-heights';

/** The servers beside the chain as drawn. */
export interface SideDrawing {
  readonly shapes: readonly Shape[];
  readonly bottom: number;
  /** Top and bottom of each box. */
  readonly boxes: ReadonlyMap<string, { readonly top: number; readonly bottom: number }>;
  /** The y at which arrows cross a server's wall, by the server's name. */
  readonly gates: ReadonlyMap<string, readonly number[]>;
}

/** Common measures. */
interface Sheet {
  readonly board: Whiteboard;
  readonly routes: Routes;
  readonly columns: Columns;
}

/** Position of a server beside the chain. */
interface Place {
  readonly server: Server;
  readonly top: number;
  readonly bottom: number;
  readonly cells: readonly Cell[];
}

/** The part of a position that is next to one server of the chain. */
interface Cell {
  /** Name of that server. */
  readonly tier: string;
  readonly talks: readonly Talk[];
  readonly top: number;
  readonly height: number;
}

/** Draws every server beside the chain, and the arrows between both. */
export function drawSide(
  board: Whiteboard,
  routes: Routes,
  columns: Columns,
  rows: readonly Row[],
  sky: number,
): SideDrawing {
  const sheet = { board, routes, columns };
  const places = placesOf(sheet, rows, sky);
  const [main] = board.beside;
  const top = places.find(({ server }) => server === main)?.top ?? sky;
  return {
    shapes: [...places.flatMap((place) => drawPlace(place, sheet)), ...drawWayUp(sheet, top, sky)],
    bottom: Math.max(rows[0]?.top ?? sky, ...places.map((place) => place.bottom)),
    boxes: new Map(places.map(({ server, ...place }) => [server.name, place])),
    gates: gatesOf(places.flatMap(({ cells }) => cells)),
  };
}

/** Positions of all: the first along the chain, each other next to its home, servers without a home at the bottom. */
function placesOf(sheet: Sheet, rows: readonly Row[], sky: number): Place[] {
  const { board, routes, columns } = sheet;
  const [main, ...others] = board.beside;
  const start = rows[0]?.top ?? sky;
  const places = main ? [mainPlace(main, others, sheet, rows) ?? cardPlace(main, start, sheet)] : [];
  const end = places[0]?.bottom;
  for (const { server, top } of rows) {
    let y = Math.max(top, Math.min(end ?? top, top + heightBeside(server, board, routes, columns)));
    for (const other of others.filter((side) => isAtHome(side, server, board))) {
      const place = cardPlace(other, y + CARD_GAP, sheet, server);
      places.push(place);
      y = place.bottom;
    }
  }
  let bottom = Math.max(start, ...places.map((place) => place.bottom));
  for (const other of others.filter((side) => !places.some(({ server }) => server === side))) {
    const place = cardPlace(other, bottom + CARD_GAP, sheet);
    places.push(place);
    bottom = place.bottom;
  }
  return places;
}

/** The position of a server with connections to the chain: from the first connected server to the last. */
function mainPlace(
  main: Server,
  others: readonly Server[],
  { board, routes, columns }: Sheet,
  rows: readonly Row[],
): Place | undefined {
  const cells = rows.flatMap((row): Cell[] => {
    const talks = talksOf(main, row.server, routes, columns);
    const isShared = others.some((side) => isAtHome(side, row.server, board));
    const height = isShared ? talkHeight(talks) : row.bottom - row.top;
    return talks.length > 0 ? [{ tier: row.server.name, talks, top: row.top, height }] : [];
  });
  const [first, last] = [cells[0], cells.at(-1)];
  if (!first || !last) return undefined;
  const top = first.top - headHeight(headOf(main, board, routes, columns));
  return { server: main, top, bottom: last.top + last.height + INSET, cells };
}

/** The position of a server without connections to the chain. @param home the server of the chain next to it */
function cardPlace(server: Server, top: number, { board, routes, columns }: Sheet, home?: Server): Place {
  const talks = home ? talksOf(server, home, routes, columns) : [];
  const cell = {
    tier: home?.name ?? '',
    talks,
    top: top + headHeight(headOf(server, board, routes, columns)),
    height: talkHeight(talks),
  };
  const bottom = top + cardHeight(server, board, routes, columns);
  return { server, top, bottom, cells: talks.length > 0 ? [cell] : [] };
}

function drawPlace({ server, top, bottom, cells }: Place, sheet: Sheet): Shape[] {
  const { board, routes, columns } = sheet;
  const { left, right } = columns.side;
  const shapes: Shape[] = [
    { kind: 'box', look: 'panel', area: { x: left, y: top, width: right - left, height: bottom - top }, radius: 8 },
    ...write(wrap([{ text: server.name, look: 'name' }], 400), [left + PAD, top + PAD - 2]),
  ];
  let y = top + PAD + NAME;
  for (const block of headOf(server, board, routes, columns)) {
    shapes.push(...write(block, [left + PAD, y]));
    y += block.height;
  }
  return [...shapes, ...cells.flatMap((cell) => drawCell(cell, columns))];
}

/** The connections of a cell, each with the y of its arrow: they share the cell's height. */
function middlesOf({ talks, top, height }: Cell): { readonly talk: Talk; readonly middle: number }[] {
  let y = top;
  return talks.map((talk) => {
    const share = (talk.height / talkHeight(talks)) * height;
    const middle = y + share / 2;
    y += share;
    return { talk, middle };
  });
}

function drawCell(cell: Cell, { side, chain, wall }: Columns): Shape[] {
  const [left, width] = [side.left + INSET, side.right - side.left - 2 * INSET];
  const area = { x: left, y: cell.top, width, height: cell.height };
  return [
    { kind: 'box', look: 'client', area, radius: 6 },
    ...middlesOf(cell).flatMap(({ talk: { arrow, ports, text }, middle }): Shape[] => {
      const [here, there] = [[left, middle] as const, [chain.right, middle] as const];
      return [
        { kind: 'line', look: 'watch', points: arrow.to === cell.tier ? [here, there] : [there, here], heads: 'end' },
        ...write(ports, [(wall + side.left) / 2 + 3, middle - ports.height - 4], 'middle'),
        ...write(text, [left + PAD - 2, middle - text.height / 2]),
      ];
    }),
  ];
}

function gatesOf(cells: readonly Cell[]): Map<string, number[]> {
  const gates = new Map<string, number[]>();
  for (const cell of cells) {
    const middles = middlesOf(cell).map(({ middle }) => middle);
    gates.set(cell.tier, [...(gates.get(cell.tier) ?? []), ...middles]);
  }
  return gates;
}

/** The arrow from the first of them to the internet. */
function drawWayUp({ board, routes, columns }: Sheet, top: number, sky: number): Shape[] {
  if (board.beside.length === 0 || !routes.up) return [];
  const { left } = columns.side;
  const label = upLabel(routes.up, columns);
  const points = [[left + 22, top] as const, [left + 22, sky] as const];
  return [
    { kind: 'line', look: 'watch', points, heads: 'end' },
    ...write(label, [left + 38, (top + sky) / 2 - label.height / 2]),
  ];
}
