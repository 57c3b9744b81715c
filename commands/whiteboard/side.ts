import type { Arrow } from './arrows';
import { type Columns, homeOf, labelOf, NAME, type Routes, reasonOf, toldIn } from './frame';
import type { Whiteboard } from './model';
import type { Row } from './rows';
import type { Server } from './servers';
import { type Block, type Shape, wrap, write } from './shapes';

const PAD = 12;
const INSET = 10;
const CARD_GAP = 22;
const PORTS_WIDTH = 84;

/** An arrow across, with its two texts: ports on the arrow, the reason at its end. */
interface Talk {
  readonly arrow: Arrow;
  readonly ports: Block;
  readonly text: Block;
  readonly height: number;
}

const isBetween =
  (a: string, b: string) =>
  ({ from, to }: Arrow): boolean =>
    (from === a && to === b) || (from === b && to === a);

const talksOf = (side: Server, tier: Server, routes: Routes, columns: Columns): Talk[] =>
  routes.across.filter(isBetween(side.name, tier.name)).map((arrow) => {
    const ports = wrap([{ text: arrow.ports, look: 'strong' }], PORTS_WIDTH);
    const text = wrap([reasonOf(arrow)], columns.side.right - columns.side.left - 2 * (INSET + PAD) + 4);
    return { arrow, ports, text, height: Math.max(text.height, 2 * ports.height) + 18 };
  });

const talkHeight = (talks: readonly Talk[]): number => talks.reduce((sum, { height }) => sum + height, 0);

/** What stands in a box before its talks: name, program, and what is told or comes along a lane. */
function headOf(server: Server, board: Whiteboard, routes: Routes, { side }: Columns): Block[] {
  const width = side.right - side.left - 2 * PAD;
  const wall = server.firewall ? `, behind the ${server.firewall} firewall` : '';
  const incoming = routes.right.filter(({ to }) => to === server.name);
  return [
    wrap([{ text: `${server.program} ${server.count}${wall}`, look: 'quiet' }], width),
    ...incoming.map((arrow) => wrap(labelOf(arrow), width)),
    ...toldIn(server, board, routes, width),
  ];
}

const headHeight = (blocks: readonly Block[]): number =>
  PAD + NAME + blocks.reduce((sum, { height }) => sum + height, 0) + PAD - 2;

/** Height that the servers beside the chain need next to one of its servers. */
export function heightBeside(tier: Server, board: Whiteboard, routes: Routes, columns: Columns): number {
  const [main, ...others] = board.beside;
  const cards = others.filter((side) => isAtHome(side, tier, board));
  return [
    main ? talkHeight(talksOf(main, tier, routes, columns)) : 0,
    ...cards.map((card) => INSET + CARD_GAP + cardHeight(card, board, routes, columns)),
  ].reduce((sum, height) => sum + height, 0);
}

const isAtHome = (side: Server, tier: Server, { chain, arrows }: Whiteboard): boolean =>
  homeOf(
    side.name,
    chain.map(({ name }) => name),
    arrows,
  ) === tier.name;

function cardHeight(card: Server, board: Whiteboard, routes: Routes, columns: Columns): number {
  const talks = board.chain.flatMap((tier) => talksOf(card, tier, routes, columns));
  const room = talks.length > 0 ? talkHeight(talks) + INSET : 0;
  return headHeight(headOf(card, board, routes, columns)) + room;
}

/** Height that the first server beside the chain needs above the chain's first: its head, and its way to the internet. */
export function heightAbove(board: Whiteboard, routes: Routes, columns: Columns): number {
  const [main] = board.beside;
  if (!main) return 0;
  const up = routes.up ? upLabel(routes.up, columns).height + 24 : 16;
  return up + headHeight(headOf(main, board, routes, columns));
}

const upLabel = (arrow: Arrow, { side }: Columns): Block => wrap(labelOf(arrow), side.right - side.left - 44);

/** The servers beside the chain as drawn. */
export interface SideDrawing {
  readonly shapes: readonly Shape[];
  readonly bottom: number;
  /** Where each box begins and ends. */
  readonly boxes: ReadonlyMap<string, { readonly top: number; readonly bottom: number }>;
  /** Heights at which arrows pass a server's wall, by the server's name. */
  readonly gates: ReadonlyMap<string, readonly number[]>;
}

/** Draws every server beside the chain, and the arrows between both. */
export function drawSide(board: Whiteboard, routes: Routes, columns: Columns, rows: readonly Row[], sky: number) {
  const { left, right } = columns.side;
  const shapes: Shape[] = [];
  const boxes = new Map<string, { top: number; bottom: number }>();
  const gates = new Map<string, number[]>();
  const [main, ...others] = board.beside;
  const inner = { left: left + INSET, width: right - left - 2 * INSET };

  const drawTalks = (talks: readonly Talk[], top: number, row: Row, room: number) => {
    let y = top;
    if (talks.length > 0) {
      const area = { x: inner.left, y: top, width: inner.width, height: room };
      shapes.push({ kind: 'box', look: 'client', area, radius: 6 });
    }
    for (const { arrow, ports, text, height } of talks) {
      const share = (height / talkHeight(talks)) * room;
      const middle = y + share / 2;
      const isOut = arrow.to === row.server.name;
      const points = [[inner.left, middle] as const, [columns.chain.right, middle] as const];
      shapes.push({ kind: 'line', look: 'watch', points: isOut ? points : points.reverse(), heads: 'end' });
      shapes.push(...write(ports, [(columns.wall + left) / 2 + 3, middle - ports.height - 4], 'middle'));
      shapes.push(...write(text, [inner.left + PAD - 2, middle - text.height / 2]));
      gates.set(row.server.name, [...(gates.get(row.server.name) ?? []), middle]);
      y += share;
    }
  };
  const drawHead = (server: Server, top: number) => {
    shapes.push(...write(wrap([{ text: server.name, look: 'name' }], 400), [left + PAD, top + PAD - 2]));
    let y = top + PAD + NAME;
    for (const block of headOf(server, board, routes, columns)) {
      shapes.push(...write(block, [left + PAD, y]));
      y += block.height;
    }
    return y + PAD - 2;
  };
  const box = (server: Server, top: number, bottom: number) => {
    boxes.set(server.name, { top, bottom });
    const area = { x: left, y: top, width: right - left, height: bottom - top };
    shapes.push({ kind: 'box', look: 'panel', area, radius: 8 });
  };
  const card = (server: Server, top: number, row?: Row) => {
    box(server, top, top + cardHeight(server, board, routes, columns));
    const y = drawHead(server, top);
    const talks = row ? talksOf(server, row.server, routes, columns) : [];
    if (row) drawTalks(talks, y, row, talkHeight(talks));
    return boxes.get(server.name)?.bottom ?? top;
  };

  const met = rows.filter(({ server }) => main && talksOf(main, server, routes, columns).length > 0);
  let bottom = rows[0]?.top ?? sky;
  if (main && met[0]) {
    const cells = met.map((row) => {
      const talks = talksOf(main, row.server, routes, columns);
      const isShared = others.some((side) => isAtHome(side, row.server, board));
      return { row, talks, height: isShared ? talkHeight(talks) : row.bottom - row.top };
    });
    const last = cells.at(-1);
    bottom = (last?.row.top ?? 0) + (last?.height ?? 0) + INSET;
    const top = met[0].top - headHeight(headOf(main, board, routes, columns));
    box(main, top, bottom);
    drawHead(main, top);
    for (const { row, talks, height } of cells) {
      drawTalks(talks, row.top, row, height);
    }
  } else if (main) bottom = card(main, bottom);
  for (const { server, top } of rows) {
    const beside = boxes.get(main?.name ?? '');
    let y = Math.max(top, Math.min(beside?.bottom ?? top, top + heightBeside(server, board, routes, columns)));
    for (const other of others.filter((side) => isAtHome(side, server, board))) {
      y = card(other, y + CARD_GAP, { server, top, bottom: y, wall: y });
      bottom = Math.max(bottom, y);
    }
  }
  for (const other of others.filter(({ name }) => !boxes.has(name))) bottom = card(other, bottom + CARD_GAP);
  if (main && routes.up) {
    const top = boxes.get(main.name)?.top ?? bottom;
    const label = upLabel(routes.up, columns);
    shapes.push({
      kind: 'line',
      look: 'watch',
      points: [
        [left + 22, top],
        [left + 22, sky],
      ],
      heads: 'end',
    });
    shapes.push(...write(label, [left + 38, (top + sky) / 2 - label.height / 2]));
  }
  return { shapes, bottom, boxes, gates } satisfies SideDrawing;
}
