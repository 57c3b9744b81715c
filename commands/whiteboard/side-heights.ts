import type { Arrow } from './arrows';
import { type Columns, homeOf, labelOf, NAME, notesOf, type Routes, reasonOf } from './frame';
import type { Whiteboard } from './model';
import type { Server } from './servers';
import { type Block, wrap } from './shapes';

/** Space between a box's border and its texts. */
export const PAD = 12;
/** Space between a box's border and the box of its connections. */
export const INSET = 10;
/** Space between two boxes. */
export const CARD_GAP = 22;
const PORTS_WIDTH = 84;

/** A horizontal arrow with two texts: ports on the arrow, the purpose at its end. */
export interface Talk {
  readonly arrow: Arrow;
  readonly ports: Block;
  readonly text: Block;
  readonly height: number;
}

const isBetween =
  (a: string, b: string) =>
  ({ from, to }: Arrow): boolean =>
    (from === a && to === b) || (from === b && to === a);

/** The arrows between a server beside the chain and one of the chain. */
export const talksOf = (side: Server, tier: Server, routes: Routes, columns: Columns): Talk[] =>
  routes.across.filter(isBetween(side.name, tier.name)).map((arrow) => {
    const ports = wrap([{ text: arrow.ports, look: 'strong' }], PORTS_WIDTH);
    const text = wrap([reasonOf(arrow)], columns.side.right - columns.side.left - 2 * (INSET + PAD) + 4);
    return { arrow, ports, text, height: Math.max(text.height, 2 * ports.height) + 18 };
  });

/** Height of stacked connections. */
export const talkHeight = (talks: readonly Talk[]): number => talks.reduce((sum, { height }) => sum + height, 0);

/** Content of a box above its connections: name, program, notes, and arrows along a lane. */
export function headOf(server: Server, board: Whiteboard, routes: Routes, { side }: Columns): Block[] {
  const width = side.right - side.left - 2 * PAD;
  const wall = server.firewall ? `, behind the ${server.firewall} firewall` : '';
  const incoming = routes.right.filter(({ to }) => to === server.name);
  return [
    wrap([{ text: `${server.program} ${server.count}${wall}`, look: 'quiet' }], width),
    ...incoming.map((arrow) => wrap(labelOf(arrow), width)),
    ...notesOf(server, board, routes, width),
  ];
}

/** Height of a box without its connections. */
export const headHeight = (blocks: readonly Block[]): number =>
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

/** True where a server beside the chain is drawn next to this one of the chain. */
export const isAtHome = (side: Server, tier: Server, { chain, arrows }: Whiteboard): boolean =>
  homeOf(
    side.name,
    chain.map(({ name }) => name),
    arrows,
  ) === tier.name;

/** Height of a box without connections to the chain. */
export function cardHeight(card: Server, board: Whiteboard, routes: Routes, columns: Columns): number {
  const talks = board.chain.flatMap((tier) => talksOf(card, tier, routes, columns));
  const room = talks.length > 0 ? talkHeight(talks) + INSET : 0;
  return headHeight(headOf(card, board, routes, columns)) + room;
}

/**
 * Height that the first server beside the chain needs above the chain's first: its head, and its arrow to the internet.
 */
export function heightAbove(board: Whiteboard, routes: Routes, columns: Columns): number {
  const [main] = board.beside;
  if (!main) return 0;
  const up = routes.up ? upLabel(routes.up, columns).height + 24 : 16;
  return up + headHeight(headOf(main, board, routes, columns));
}

/** Text along the arrow to the internet. */
export const upLabel = (arrow: Arrow, { side }: Columns): Block => wrap(labelOf(arrow), side.right - side.left - 44);
