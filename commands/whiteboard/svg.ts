import type { Point, Shape } from './shapes';
import { STYLE } from './style';

/** A finished drawing. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly Shape[];
  /** One sentence for screen readers. */
  readonly title: string;
  /** The whole content of the drawing as text. */
  readonly description: string;
}

/** The drawing as a file, shown in the reader's fonts, light or dark. */
export const toSvg = ({ width, height, shapes, title, description }: Drawing): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escapeXml(title)}</title>`,
    `<desc id="description">${escapeXml(description)}</desc>`,
    `<style>\n${STYLE}\n</style>`,
    `<rect class="paper" width="${width}" height="${height}" rx="10"/>`,
    ...shapes.map(draw),
    '</svg>',
    '',
  ].join('\n');

function draw(shape: Shape): string {
  switch (shape.kind) {
    case 'box': {
      const { x, y, width, height } = shape.area;
      return `<rect class="${shape.look}" x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="${shape.radius}"/>`;
    }
    case 'text': {
      const runs = shape.runs.map(({ text, look }) =>
        look ? `<tspan class="${look}">${escapeXml(text)}</tspan>` : escapeXml(text),
      );
      const isMiddle = shape.align === 'middle';
      const x = shape.area.x + (isMiddle ? shape.area.width / 2 : 0);
      return `<text class="${shape.look}${isMiddle ? ' middle' : ''}" x="${n(x)}" y="${n(shape.area.y + 13)}">${runs.join('')}</text>`;
    }
    case 'line': {
      const [first, ...others] = shape.points;
      const path = `<path class="${shape.look}" d="M${at(first)}${others.map((point) => `L${at(point)}`).join('')}"/>`;
      const heads = shape.heads === 'both' ? [shape.points, [...shape.points].reverse()] : [shape.points];
      return shape.heads ? [path, ...heads.map((points) => head(points, shape.look))].join('\n') : path;
    }
  }
}

/** A triangle whose tip is the last point: markers do not take the colour of their line in every browser. */
function head(points: readonly Point[], look: string): string {
  const [x, y] = points.at(-1) ?? [0, 0];
  const [fromX, fromY] = points.at(-2) ?? [0, 0];
  const [dx, dy] = [Math.sign(x - fromX), Math.sign(y - fromY)];
  const [backX, backY] = [x - dx * 9, y - dy * 9];
  return `<path class="head-${look}" d="M${at([x, y])}L${at([backX - dy * 5, backY - dx * 5])}L${at([backX + dy * 5, backY + dx * 5])}Z"/>`;
}

const at = ([x, y]: Point = [0, 0]): string => `${n(x)} ${n(y)}`;
const n = (value: number): string => String(Math.round(value * 10) / 10);
const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (letter) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[letter] ?? letter);
