import { stagesOf } from '../../commands/up/stages';
import { stumblingBlock } from '../../commands/up/stumbling';
import { configOf } from '../support/configs';

const config = configOf({ app: { image: 'registry.example/shop:1.4.2', port: 3000, user: 20001, health: '/up' } });
const about = (log: string): string | undefined => stumblingBlock(`starting\n${log}\nbye`, config);

/** Log lines of real programs. */
test.each([
  ['(13)Permission denied: AH00072: make_sock: could not bind to address 0.0.0.0:80', /port 80, which only root/],
  ['nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)', /port 80, which only root/],
  ['Error: listen EACCES: permission denied 0.0.0.0:443', /port 443, which only root/],
  ['PermissionError: [Errno 13] bind: ("0.0.0.0", 80) Permission denied :80', /port 80/],
  ["mkdir: cannot create directory '/var/cache/app': Read-only file system", /app\.writable: \[\/tmp, \/var\/cache\]/],
  ["Error: EROFS: read-only file system, open '/app/tmp/server.pid'", /app\.writable: \[\/tmp, \/app\/tmp\]/],
  ["OSError: [Errno 30] Read-only file system: '/app/media/x'", /app\.writable: \[\/tmp, \/app\/media\]/],
  ["Error: EACCES: permission denied, open '/home/node/.config'", /uid 20001, which may not use \/home\/node\/.config/],
  ['/entrypoint.sh: line 3: /etc/app.conf: Permission denied', /app\.user/],
  ['exec /usr/bin/server: exec format error', /another kind of processor/],
  ['exec: "bin/serve": executable file not found in $PATH', /app\.command/],
  [
    'ERROR 3098 (HY000): The table does not comply with the requirements by an external plugin.',
    /sql_generate_invisible_primary_key: true/,
  ],
  ["(1068, 'Multiple primary key defined')", /sql_generate_invisible_primary_key: false/],
  ["Invalid HTTP_HOST header: '10.0.0.1'. You may need to add it to ALLOWED_HOSTS.", /\$\(SITE_DOMAIN\)/],
  ['Error: self-signed certificate in certificate chain', /\$\(DATABASE_CA_FILE\)/],
  ['Connections using insecure transport are prohibited while --require_secure_transport=ON.', /without TLS/],
  [
    'Startup probe failed: dial tcp 10.244.1.7:3000: connect: connection refused',
    /nothing listens on port 3000 .* within 60 s: .*`app\.port`.*0\.0\.0\.0.*`app\.startSeconds`/,
  ],
  ['Readiness probe failed: HTTP probe failed with statuscode: 404', /it has no \/up: .*`app\.health`/],
  [
    'Readiness probe failed: HTTP probe failed with statuscode: 400',
    /refuses to answer \/up with 400: .*\$\(SITE_DOMAIN\)/,
  ],
  ['Readiness probe failed: HTTP probe failed with statuscode: 503', /answers \/up with 503: its log tells why/],
  [
    'Readiness probe failed: Get "http://10.1.2.3:3000/up": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    /its health \/up takes longer than 5 s/,
  ],
])('%s', (log, help) => {
  expect(about(log)).toMatch(help);
});

test.each(['', 'TypeError: x is not a function', 'listening on 0.0.0.0:3000', 'error: 404 /favicon.ico'])(
  'says nothing about "%s"',
  (log) => {
    expect(about(log)).toBeUndefined();
  },
);

test('what must be done first ends a stage', () => {
  const files = ['a/00-namespaces.yaml', 'a/25-release.yaml', 'a/27-web.yaml', 'a/30-app.yaml', 'a/40-web.yaml'];
  expect(stagesOf(files)).toEqual([files.slice(0, 2), files.slice(2, 3), files.slice(3)]);
  expect(stagesOf(['a/00-namespaces.yaml', 'a/40-web.yaml'])).toHaveLength(1);
});
