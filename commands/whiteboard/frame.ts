import { type Arrow, INTERNET } from './arrows';
import { placeName, type Whiteboard } from './model';
import type { Server } from './servers';
import { type Block, LINE, type Run, wrap } from './shapes';

/** Width of the drawing: the widest that a README shows without scaling. */
export const WIDTH = 800;
/** Height of the band at the top. */
export const SKY = 40;
const LANE = 16;
const SIDE = 218;
const PASSAGE = 126;

/** Arrows by where they are drawn. */
export interface Routes {
  /** From the server above it in the chain, by the name of the target. */
  readonly down: ReadonlyMap<string, Arrow>;
  /** Between a chain's server and one beside it, on the same height. */
  readonly across: readonly Arrow[];
  /** From the first server beside the chain to the internet. */
  readonly up?: Arrow;
  /** Along the left edge, to places outside. */
  readonly left: readonly Arrow[];
  /** Along the right edge, from servers beside the chain. */
  readonly right: readonly Arrow[];
  /** Not drawn as lines: noted in the box of the target, or of the source if the target is outside. */
  readonly noted: readonly Arrow[];
}

/** Sorts the arrows; each is in exactly one place. */
export function routesOf({ chain, beside, outside, arrows }: Whiteboard): Routes {
  const names = chain.map(({ name }) => name);
  const sides = beside.map(({ name }) => name);
  const above = (name: string) => [INTERNET, ...names][names.indexOf(name)];
  const isDown = ({ from, to }: Arrow) => names.includes(to) && above(to) === from;
  const isAcross = ({ from, to }: Arrow) => {
    const [tier = '', side = ''] = names.includes(from) ? [from, to] : [to, from];
    if (!names.includes(tier) || !sides.includes(side)) return false;
    return side === sides[0] || homeOf(side, names, arrows) === tier;
  };
  const isUp = ({ from, to }: Arrow) => to === INTERNET && from === sides[0];
  const isLeft = ({ from, to }: Arrow) => names.includes(from) && outside.includes(to);
  const isRight = ({ from, to }: Arrow) =>
    sides.includes(from) && (outside.includes(to) || (sides.includes(to) && from !== to));
  const drawn = [isDown, isAcross, isUp, isLeft, isRight];
  return {
    down: new Map(arrows.filter(isDown).map((arrow) => [arrow.to, arrow])),
    across: arrows.filter(isAcross),
    up: arrows.find(isUp),
    left: arrows.filter(isLeft),
    right: arrows.filter(isRight),
    noted: arrows.filter((arrow) => !drawn.some((is) => is(arrow))),
  };
}

/** The lowest server of the chain that a server beside it is connected to. */
export const homeOf = (side: string, chain: readonly string[], arrows: readonly Arrow[]): string | undefined =>
  chain.findLast((tier) =>
    arrows.some(({ from, to }) => (from === side && to === tier) || (from === tier && to === side)),
  );

/** The columns of the drawing and the lanes at its edges. */
export interface Columns {
  readonly chain: Column;
  readonly side: Column;
  /** The x of arrows down the chain. */
  readonly arrow: number;
  /** The x of the vertical part of the walls. */
  readonly wall: number;
  /** The x of the lane to each outside place. */
  readonly leftLanes: ReadonlyMap<string, number>;
  /** The x of the lane from each server. */
  readonly rightLanes: ReadonlyMap<string, number>;
}

interface Column {
  readonly left: number;
  readonly right: number;
}

/** Outside places by the column above them: `both` if chain and side connect to them. */
export interface Beyond {
  readonly chain: readonly string[];
  readonly side: readonly string[];
  readonly both: readonly string[];
}

/** @see Beyond */
export function beyondOf({ outside }: Whiteboard, { left, right }: Routes): Beyond {
  const isLeft = (place: string) => left.some(({ to }) => to === place);
  const isRight = (place: string) => right.some(({ to }) => to === place);
  return {
    chain: outside.filter((place) => isLeft(place) && !isRight(place)),
    side: outside.filter((place) => !isLeft(place) && isRight(place)),
    both: outside.filter((place) => isLeft(place) && isRight(place)),
  };
}

/** Measures the columns, of which each lane takes a part. */
export function columnsOf({ beside }: Whiteboard, { right }: Routes, beyond: Beyond): Columns {
  const targets = [...beyond.chain, ...beyond.both];
  const sources = beside.map(({ name }) => name).filter((name) => right.some(({ from }) => from === name));
  const chainLeft = LANE + LANE * Math.max(1, targets.length);
  const sideRight = WIDTH - LANE - LANE * Math.max(1, sources.length);
  const chainRight = sideRight - SIDE - PASSAGE;
  return {
    chain: { left: chainLeft, right: chainRight },
    side: { left: sideRight - SIDE, right: sideRight },
    arrow: chainLeft + 40,
    wall: chainRight + 22,
    leftLanes: new Map(targets.map((place, i) => [place, chainLeft - 14 - LANE * i])),
    rightLanes: new Map(sources.map((name, i) => [name, sideRight + 14 + LANE * (sources.length - 1 - i)])),
  };
}

/** Ports and reason of an arrow. */
export const labelOf = ({ ports, reason }: Arrow): Run[] => [{ text: ports, look: 'strong' }, reasonOf({ reason })];

/** The purpose of an arrow, or a note that it is unknown. */
export const reasonOf = ({ reason }: Pick<Arrow, 'reason'>): Run =>
  reason === undefined ? { text: 'no reason given', look: 'alarm' } : { text: reason };

/** Notes in a server's box instead of arrows: connections among its replicas, and connections without a line. */
export function notesOf({ name }: Server, { outside }: Whiteboard, { noted }: Routes, width: number): Block[] {
  const isOutside = (place: string) => place === INTERNET || outside.includes(place);
  const isLoop = ({ from, to }: Arrow) => from === to;
  return noted
    .toSorted((a, b) => Number(isLoop(b)) - Number(isLoop(a)))
    .flatMap((arrow) => {
      if (arrow.from === name && arrow.to === name) {
        return [wrap([{ text: 'among each other', look: 'quiet' }, ...labelOf(arrow)], width)];
      }
      const isOut = arrow.from === name && isOutside(arrow.to);
      if (arrow.to !== name && !isOut) return [];
      const other = isOut ? `to ${placeName(arrow.to)}` : `from ${placeName(arrow.from)}`;
      return [wrap([{ text: other, look: arrow.reason === undefined ? 'alarm' : 'quiet' }, ...labelOf(arrow)], width)];
    });
}

/** Height of stacked blocks. */
export const heightOf = (blocks: readonly Block[]): number => blocks.reduce((sum, { height }) => sum + height, 0);

/** Height of a line with a name. */
export const NAME = LINE + 5;
