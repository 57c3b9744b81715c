import { bytes } from '../../config/fields';
import type { Config } from '../../config/schema';
import { ANSWER_BUFFERS, spooledBytes } from './connections';

/** Regular expression for decimal lengths from 1 to `most`, which is a digit followed by zeros. */
const upTo = (most: number): string => {
  const [first, zeros] = [Number(String(most)[0]), String(most).length - 1];
  const shorter = zeros > 0 ? [`[1-9]\\d{0,${zeros - 1}}`] : [];
  return [...shorter, ...(first > 1 ? [`[1-${first - 1}]\\d{${zeros}}`] : []), String(most)].join('|');
};

/**
 * How a request is passed on, by its header:
 * - `spooled`: its body is known to be small. Nginx reads it first, so a slow visitor does not occupy an app server.
 * - `streamed`: it accepts an event stream, which must not wait for a full buffer.
 * - else: the body as it arrives, of any length; the response through buffers.
 */
export function wayVariable(config: Config): string[] {
  const most = spooledBytes(config);
  return [
    'map "$http_accept|$content_length" $way {',
    '  default "";',
    '  "~*^[^|]*text/event-stream" streamed;',
    ...(most > 0 ? [`  "~\\|(${upTo(most)})$" spooled;`] : []),
    '}',
  ];
}

/** Statuses that redirect a request inside nginx; visitors never get one. */
const WAYS = { spooled: 418, streamed: 419 } as const;

/** Maps each way to its location. An app server's own responses are not intercepted. */
export const wayErrorPages = (): string[] => [
  '# a request that changed its way may still need the page of an error',
  'recursive_error_pages on;',
  ...Object.entries(WAYS).map(([way, status]) => `error_page ${status} = @${way};`),
];

/** Buffers of responses, and the bytes that may be spooled, which free the app server however slow the visitor is. */
export function answerLines(config: Config): string[] {
  const header = bytes(config.limits.answerHeaderSize);
  const [number, size] = ANSWER_BUFFERS;
  const most = spooledBytes(config);
  return [
    `proxy_buffer_size ${header};`,
    `proxy_buffers ${Math.max(number, Math.ceil(header / size) + 1)} ${size};`,
    `proxy_busy_buffers_size ${Math.max(header, 2 * size)};`,
    `proxy_max_temp_file_size ${most >= Math.max(header, size) ? most : 0};`,
    `proxy_temp_file_write_size ${Math.max(header, 2 * size)};`,
  ];
}

/**
 * The locations of all ways.
 * @param pass first lines of each location
 * @param more lines of the location `/` only
 */
export function wayLocations(pass: readonly string[], more: readonly string[]): string[] {
  const changes = Object.entries(WAYS).flatMap(([way, status]) => [`if ($way = ${way}) {`, `  return ${status};`, '}']);
  const asItArrives = 'proxy_request_buffering off;';
  return [
    ...location('/', [...changes, ...pass, asItArrives, ...more]),
    ...location('@spooled', pass),
    ...location('@streamed', [...pass, asItArrives, 'proxy_buffering off;']),
  ];
}

const location = (name: string, lines: readonly string[]): string[] => [
  `location ${name} {`,
  ...lines.map((line) => `  ${line}`),
  '}',
];
