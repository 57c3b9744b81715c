import type { Config } from '../../config';
import { healthOf } from '../../config/app-facts';

/** A pattern of a program's log that shows why its image does not run here, and the remedy in the configuration. */
type Block = readonly [line: RegExp, help: (found: RegExpExecArray, config: Config) => string];

const PATH = String.raw`(?<path>/[^\s'":,;()\]]+)`;
const folderOf = (path = '/'): string => path.slice(0, path.lastIndexOf('/')) || path;

const writable = ({ groups }: RegExpExecArray): string =>
  `its root is read-only: write \`app.writable: [/tmp, ${folderOf(groups?.path)}]\` for what may be lost at a restart, with \`seed: true\` where the image has files there, or \`app.volumes\` for what must last`;

const user = ({ groups }: RegExpExecArray, { app }: Config): string =>
  `it runs as uid ${app.user ?? 10103}, which may not use ${groups?.path ?? 'a file of its image'}: write \`app.user\` with the uid that owns it (\`docker run --rm --entrypoint id IMAGE\`, or USER in its Dockerfile), or \`app.writable\` for a folder that it writes`;

const port = ({ groups }: RegExpExecArray, { app }: Config): string =>
  `it wants to listen on port ${groups?.port ?? 'below 1024'}, which only root may open: make it listen on ${app.port} by its own setting (often PORT in the environment, an argument or a file) and write that port as \`app.port\``;

/** More specific patterns first: a refused port is also a refused permission. */
const BLOCKS: readonly Block[] = [
  [
    /^(?=.*(?:permission denied|EACCES|not permitted))(?=.*(?:bind|listen|address|socket)).*?(?:[:,]\s*|port\s+)(?<port>\d{1,3})\b(?![\d.:])/i,
    port,
  ],
  [new RegExp(`(?:read-only file ?system|EROFS).*?${PATH}`, 'i'), writable],
  [new RegExp(`${PATH}.*(?:read-only file ?system|EROFS)`, 'i'), writable],
  [new RegExp(`(?:permission denied|EACCES|not permitted).*?${PATH}`, 'i'), user],
  [new RegExp(`${PATH}.*(?:permission denied|EACCES|not permitted)`, 'i'), user],
  [
    /exec format error/i,
    () =>
      'the image is made for another kind of processor than the node: build it for both, or choose nodes by `app.placement`',
  ],
  [
    /executable file not found|no such file or directory.*exec|stat (?<path>\/?\S+): no such file/i,
    () =>
      'the image has no such program: compare `app.command` with the ENTRYPOINT of its Dockerfile; a line for a shell is `[sh, -c, "…"]`',
  ],
  [
    /\b3098\b|does not comply with the requirements by an external plugin/i,
    () =>
      'a group takes no row of a table without a primary key: let `database.settings` have sql_generate_invisible_primary_key: true, or add the key in the app (docs/your-app.md)',
  ],
  [
    /\b1068\b|Multiple primary key defined/i,
    () =>
      'it adds a primary key to a table that already got an invisible one: let `database.settings` have sql_generate_invisible_primary_key: false (docs/your-app.md)',
  ],
  [
    /DisallowedHost|Invalid (?:HTTP_HOST|host) header|Blocked host/i,
    () =>
      "it refuses the site's Host: give it $(SITE_DOMAIN) in the variable that lists its hosts (ALLOWED_HOSTS and the like)",
  ],
  [
    /self[- ]signed certificate|certificate verify failed|unable to get (?:local )?issuer/i,
    () => 'it does not know the CA of the databases: give it the file $(DATABASE_CA_FILE), or its text $(DATABASE_CA)',
  ],
  [
    /require_secure_transport|insecure transport are prohibited/i,
    () => 'it speaks with the databases without TLS: turn TLS on in its connection, with the CA $(DATABASE_CA_FILE)',
  ],
  [
    /probe failed:.*connection refused/i,
    (_, { app }) =>
      `nothing listens on port ${app.port} of the pod within ${app.startSeconds} s: write the port that the image listens on as \`app.port\`, let it listen on every address (0.0.0.0) and not on 127.0.0.1 alone, or give it longer: \`app.startSeconds\``,
  ],
  [
    /probe failed: HTTP probe failed with statuscode: (?<status>\d+)/i,
    ({ groups }, config) => unwell(groups?.status ?? '', config),
  ],
  [
    /probe failed:.*(?:deadline exceeded|timeout)/i,
    (_, { app }) =>
      `its health ${healthOf(app).ready ?? healthOf(app).live ?? `at port ${app.port}`} takes longer than 5 s to answer: choose a path that costs less as \`app.health\`, or raise \`app.resources\``,
  ],
];

/** What to do about a health path that answers with an error. */
function unwell(status: string, { app }: Config): string {
  const path = healthOf(app).ready ?? healthOf(app).live ?? '';
  if (status === '404') return `it has no ${path}: write a path that answers 200 as \`app.health\``;
  if (status === '400' || status === '403' || status === '421') {
    return `it refuses to answer ${path} with ${status}: mostly the site's Host, which belongs into the variable that lists its hosts (ALLOWED_HOSTS: $(SITE_DOMAIN)); or choose another path as \`app.health\``;
  }
  return `it answers ${path} with ${status}: its log tells why; \`app.health\` may name another path`;
}

/** The remedy for the last lines of a log, undefined for unknown lines. */
export function stumblingBlock(log: string, config: Config): string | undefined {
  const lines = log.split('\n');
  for (const [pattern, help] of BLOCKS) {
    for (const line of lines) {
      const found = pattern.exec(line);
      if (found) return help(found, config);
    }
  }
  return undefined;
}
