import { bytes } from '../../config/fields';
import type { Config } from '../../config/schema';
import { ANSWER_BUFFERS, spooledBytes } from './connections';

/** Lengths of a body, in decimal, that are above nought and at most `most`, which is a digit and noughts. */
const upTo = (most: number): string => {
  const [first, noughts] = [Number(String(most)[0]), String(most).length - 1];
  const shorter = noughts > 0 ? [`[1-9]\\d{0,${noughts - 1}}`] : [];
  return [...shorter, ...(first > 1 ? [`[1-${first - 1}]\\d{${noughts}}`] : []), String(most)].join('|');
};

/**
 * How a request travels, by what its header says:
 * - `spooled`: its body is known to be small. Nginx takes it first, so a slow visitor keeps no app server waiting.
 * - `streamed`: it asks for an event stream, which must not wait for a buffer to fill.
 * - else: body as it arrives, be it of any length; the answer through buffers.
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

/** Statuses by which a request changes its way inside nginx; no visitor gets one. */
const WAYS = { spooled: 418, streamed: 419 } as const;

/** Leads each way to its location. An app server's own answers are not concerned: nothing intercepts them. */
export const wayErrorPages = (): string[] => [
  '# a request that changed its way may still need the page of an error',
  'recursive_error_pages on;',
  ...Object.entries(WAYS).map(([way, status]) => `error_page ${status} = @${way};`),
];

/** Buffers of answers, and what of one may be spooled: then the app server is done with it, however slow the visitor is. */
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
 * Where the requests of every way go.
 * @param pass what each of the locations begins with
 * @param more lines of the location `/` alone
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
