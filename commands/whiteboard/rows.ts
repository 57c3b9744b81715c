import { type Columns, heightOf, labelOf, NAME, notesOf, type Routes } from './frame';
import type { Whiteboard } from './model';
import type { Server } from './servers';
import { type Block, LINE, type Shape, widthOf, wrap, write } from './shapes';
import { heightAbove, heightBeside } from './side-heights';
import { WALLS } from './style';

/** Position of a server of the chain. */
export interface Row {
  readonly server: Server;
  readonly top: number;
  readonly bottom: number;
  /** The y of the horizontal part of its wall. */
  readonly wall: number;
}

const PAD = 14;
const POD = { height: 22, gap: 9, gapBetweenTalkers: 34 };
const TO_BOX = 28;
const GATE = 9;

/** Measures the chain from top to bottom. */
export function rowsOf(board: Whiteboard, routes: Routes, columns: Columns, sky: number): Row[] {
  let y = sky;
  return board.chain.map((server, i) => {
    const passage = 14 + labelAbove(server, routes, columns).height + 20;
    const above = i === 0 ? Math.max(passage + TO_BOX, heightAbove(board, routes, columns)) : passage + TO_BOX;
    const top = y + above;
    const own =
      PAD + headHeight(server, columns) + podsHeight(server) + heightOf(linesIn(server, board, routes, columns)) + PAD;
    y = top + Math.max(own, heightBeside(server, board, routes, columns));
    return { server, top, bottom: y, wall: top - TO_BOX };
  });
}

function labelAbove(server: Server, { down }: Routes, { arrow, chain }: Columns): Block {
  const above = down.get(server.name);
  return above ? wrap(labelOf(above), chain.right - arrow - 14) : { lines: [], height: 0 };
}

const linesIn = (server: Server, board: Whiteboard, routes: Routes, { chain }: Columns): Block[] =>
  notesOf(server, board, routes, chain.right - chain.left - 2 * PAD);

/** Name, program and number of a server, in as many lines as it takes. */
const headOf = ({ name, program, count }: Server, { chain }: Columns): Block =>
  wrap(
    [
      { text: name, look: 'name' },
      { text: `· ${program} ${count}`, look: 'quiet' },
    ],
    chain.right - chain.left,
  );

const headHeight = (server: Server, columns: Columns): number => NAME - LINE + headOf(server, columns).height;

const podsHeight = ({ pods }: Server): number => (pods.length > 0 ? POD.height + 12 : 0);

/** Draws the chain: boxes, walls, and the arrows down. */
export function drawRows(
  board: Whiteboard,
  routes: Routes,
  columns: Columns,
  rows: readonly Row[],
  gates: ReadonlyMap<string, readonly number[]>,
  sky: number,
): Shape[] {
  const firewalls = [...new Set(rows.flatMap(({ server }) => server.firewall ?? []))];
  return rows.flatMap((row, i): Shape[] => {
    const { server, top, wall } = row;
    const before = rows[i - 1]?.bottom ?? sky;
    const label = labelAbove(server, routes, columns);
    const arrow = routes.down.get(server.name);
    return [
      ...drawWall(row, columns, gates.get(server.name) ?? [], arrow !== undefined, firewalls),
      ...(arrow
        ? [
            {
              kind: 'line' as const,
              look: 'visit',
              points: [[columns.arrow, before] as const, [columns.arrow, top] as const],
              heads: 'end' as const,
            },
            ...write(label, [columns.arrow + 14, (before + wall - 4 - label.height) / 2]),
          ]
        : []),
      ...drawServer(row, board, routes, columns),
    ];
  });
}

function drawServer({ server, top, bottom }: Row, board: Whiteboard, routes: Routes, columns: Columns): Shape[] {
  const { left, right } = columns.chain;
  const talks = routes.noted.some(({ from, to }) => from === server.name && to === server.name);
  const lines = linesIn(server, board, routes, columns);
  let y = top + PAD - 1;
  const shapes: Shape[] = [
    { kind: 'box', look: 'server', area: { x: left, y: top, width: right - left, height: bottom - top }, radius: 8 },
    ...write(headOf(server, columns), [left + PAD + 2, y]),
  ];
  y += headHeight(server, columns) + 4;
  if (server.pods.length > 0) shapes.push(...drawPods(server.pods, talks, left + PAD + 2, right - PAD, y));
  y += podsHeight(server) - 4;
  for (const line of lines) {
    shapes.push(...write(line, [left + PAD + 2, y]));
    y += line.height;
  }
  return shapes;
}

/** As many pods as fit. */
function drawPods(pods: readonly string[], talk: boolean, left: number, right: number, y: number): Shape[] {
  const shapes: Shape[] = [];
  let x = left;
  for (const [i, role] of pods.entries()) {
    const label = wrap([{ text: role }], 400);
    const width = role ? widthOf([{ text: role }]) + 18 : 30;
    const isLast = i === pods.length - 1;
    if (x + width + (isLast ? 0 : 24) > right) {
      shapes.push(...write(wrap([{ text: '…', look: 'quiet' }], 30), [x, y + 2]));
      break;
    }
    shapes.push({ kind: 'box', look: 'pod', area: { x, y, width, height: POD.height }, radius: 5 });
    if (role) shapes.push(...write(label, [x + width / 2, y + 2.5], 'middle'));
    x += width;
    if (talk && !isLast) {
      const middle = y + POD.height / 2;
      const points = [[x, middle] as const, [x + POD.gapBetweenTalkers, middle] as const];
      shapes.push({ kind: 'line', look: 'visit', points, heads: 'both' });
    }
    x += talk ? POD.gapBetweenTalkers : POD.gap;
  }
  return shapes;
}

/** Bricks above the box and down its right side, with a gate for each arrow, and a tag with the firewall's name. */
function drawWall(
  { server, wall, bottom }: Row,
  columns: Columns,
  gates: readonly number[],
  open: boolean,
  firewalls: readonly string[],
): Shape[] {
  if (!server.firewall) return [];
  const colour = firewalls.indexOf(server.firewall) % WALLS;
  const look = `wall-${colour}`;
  const left = columns.chain.left - 8;
  const doors = open ? [columns.arrow] : [];
  const level = pieces(left, columns.wall + 5.5, doors).map(
    ([from, to]) =>
      [
        [from, wall],
        [to, wall],
      ] as [[number, number], [number, number]],
  );
  const upright = pieces(wall + 5.5, bottom + 6, gates).map(
    ([from, to]) =>
      [
        [columns.wall, from],
        [columns.wall, to],
      ] as [[number, number], [number, number]],
  );
  const name = [{ text: `${server.firewall} firewall`, look: 'strong' as const }];
  const label = wrap(name, 400);
  const width = widthOf(name) + 20;
  const tag = { x: columns.chain.right - 12 - width, y: wall - 11, width, height: 22 };
  return [
    ...[...level, ...upright].flatMap((points) => bricks(points, look)),
    { kind: 'box', look: `tag-${colour}`, area: tag, radius: 5 },
    ...write(label, [tag.x + width / 2, tag.y + 2], 'middle', 'on-wall'),
  ];
}

function pieces(from: number, to: number, doors: readonly number[]): [number, number][] {
  const borders = [from, ...[...doors].sort((a, b) => a - b).flatMap((door) => [door - GATE, door + GATE]), to];
  return borders.flatMap((start, i): [number, number][] => (i % 2 === 0 ? [[start, borders[i + 1] ?? to]] : []));
}

function bricks([[x1, y1], [x2, y2]]: [[number, number], [number, number]], look: string): Shape[] {
  const isLevel = y1 === y2;
  const course = (offset: number, shift: number): [[number, number], [number, number]] =>
    isLevel
      ? [
          [x1 + shift, y1 + offset],
          [x2, y2 + offset],
        ]
      : [
          [x1 + offset, y1 + shift],
          [x2 + offset, y2],
        ];
  return [
    {
      kind: 'line',
      look,
      points: [
        [x1, y1],
        [x2, y2],
      ],
    },
    {
      kind: 'line',
      look: 'joint',
      points: [
        [x1, y1],
        [x2, y2],
      ],
    },
    { kind: 'line', look: 'brick', points: course(-3, 6) },
    { kind: 'line', look: 'brick', points: course(3, 13) },
  ];
}
