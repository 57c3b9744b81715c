/** A point of the drawing, in SVG user units; y grows downwards. */
export type Point = readonly [x: number, y: number];

/** A shape. `look` is a class of the style sheet. */
export type Shape =
  | { readonly kind: 'box'; readonly look: string; readonly area: Area; readonly radius: number }
  | { readonly kind: 'line'; readonly look: string; readonly points: readonly Point[]; readonly heads?: 'end' | 'both' }
  | {
      readonly kind: 'text';
      readonly look: string;
      readonly area: Area;
      readonly runs: readonly Run[];
      readonly align: Align;
    };

/** Anchor of a text: its start, or its middle whatever its rendered width. */
export type Align = 'start' | 'middle';

/** A rectangle. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A piece of a line of text. */
export interface Run {
  readonly text: string;
  readonly look?: 'name' | 'strong' | 'quiet' | 'alarm';
}

/** Height of a line of text. */
export const LINE = 17;
const SIZE = 13;

/** Lines of text that fit a width. */
export interface Block {
  readonly lines: readonly (readonly Run[])[];
  readonly height: number;
}

/** Breaks text between words. */
export function wrap(runs: readonly Run[], width: number): Block {
  const lines: Run[][] = [[]];
  for (const { text, look } of runs) {
    for (const word of text.split(' ')) {
      const line = lines.at(-1) ?? [];
      const longer = [...line, { text: line.length > 0 ? ` ${word}` : word, look }];
      if (line.length > 0 && widthOf(longer) > width) lines.push([{ text: word, look }]);
      else lines[lines.length - 1] = longer;
    }
  }
  return { lines: lines.map(joined), height: lines.length * LINE };
}

/** Adjacent runs of the same look are merged. */
function joined(runs: readonly Run[]): Run[] {
  const result: Run[] = [];
  for (const run of runs) {
    const last = result.at(-1);
    if (last && last.look === run.look) result[result.length - 1] = { ...last, text: last.text + run.text };
    else result.push(run);
  }
  return result;
}

/** Puts a block with its top left corner (or the top of its middle) at a point. */
export const write = ({ lines }: Block, [x, y]: Point, align: Align = 'start', look = 'text'): Shape[] =>
  lines.map((runs, i) => {
    const width = widthOf(runs);
    return {
      kind: 'text',
      look,
      align,
      runs,
      area: { x: align === 'start' ? x : x - width / 2, y: y + i * LINE, width, height: LINE },
    };
  });

/** Estimated width of ordinary text: the reader's font is unknown, so a wide one is assumed. */
export const widthOf = (runs: readonly Run[]): number =>
  Math.ceil(
    runs.reduce((sum, { text, look }) => {
      const units = [...text].reduce((total, letter) => total + unitsOf(letter), 0);
      return sum + units * SIZE * (WIDER[look ?? ''] ?? 1);
    }, 0),
  );

const WIDER: Readonly<Record<string, number>> = { strong: 1.1, alarm: 1.1, name: 1.4 };

function unitsOf(letter: string): number {
  if ("ijl.,:;'|!()[]".includes(letter)) return 0.29;
  if ('ftr- /'.includes(letter)) return 0.36;
  if ('mwMW→'.includes(letter)) return 0.88;
  return /[A-Z]/.test(letter) ? 0.68 : 0.6;
}
