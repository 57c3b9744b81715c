import { configOf, faultsIn } from '../support/configs';

const IMAGE = 'registry.example/shop:1.4.2';
const faultsOf = (app: object): readonly string[] => faultsIn(() => configOf({ app: { image: IMAGE, ...app } }));
const volume = (more: object = {}) => ({ path: '/data', accessMode: 'ReadWriteMany', ...more });

test.each<[string, object, string]>([
  [
    'the whole site as a folder',
    { static: { '/': '/app/public' } },
    'app.static: must be the path of a folder below "/" that begins and ends with "/", like "/assets/", got "/"',
  ],
  [
    "a folder where the web servers' own files are",
    { static: { '/error-pages/': '/app/errors' } },
    'app.static["/error-pages/"]: must not be "/error-pages/", where web servers serve files of their own',
  ],
  [
    'a folder of the image in another one',
    { static: { '/assets/packs/': '/app/packs', '/assets/': '/app/assets' } },
    'app.static["/assets/packs/"]: must not lie below app.static["/assets/"] ("/assets/"), got "/assets/packs/": web servers mount that read-only',
  ],
  [
    'a served volume in another one',
    { volumes: { one: volume({ url: '/u/' }), two: volume({ path: '/two', url: '/u/v/' }) } },
    'app.volumes.two.url: must not lie below app.volumes.one.url ("/u/"), got "/u/v/": web servers mount that read-only',
  ],
  [
    'the claim of another volume',
    { volumes: { one: volume({ claimName: 'app-two' }), two: volume({ path: '/two' }) } },
    'app.volumes.one.claimName: must be a claim of yours, got "app-two", which the site makes for something else; leave it out or name another',
  ],
  [
    "a database's claim",
    { volumes: { one: volume({ claimName: 'data-database-0' }) } },
    'app.volumes.one.claimName: must be a claim of yours, got "data-database-0", which the site makes for something else; leave it out or name another',
  ],
  [
    'a path of metrics that no request has',
    { metrics: { port: 8080, path: '/metrics?full=1' } },
    'app.metrics.path: must be a path of letters, digits and . _ ~ - without a query and a slash at its end, like "/metrics", got "/metrics?full=1"',
  ],
])('%s is one line', (_, app, fault) => {
  expect(faultsOf(app)).toEqual([fault]);
});

/** What would be more than a path in nginx.conf, in a command line of Kubernetes, or in a mount. */
const MORE_THAN_PATHS = [
  '/a;autoindex',
  '/a{',
  '/a}',
  '/$host/a',
  '/$(PORT)',
  '/a#b',
  '/a"b',
  "/a'b",
  '/a`b',
  '/a\\b',
  '/a:ro',
];

test.each(MORE_THAN_PATHS)('no path of the configuration is %s', (path) => {
  const code = { source: 'image', image: IMAGE };
  const places = [
    { static: { '/assets/': path } },
    { protocol: 'fastcgi', root: path },
    { writable: [{ path, seed: true }] },
    { volumes: { one: volume({ path }) } },
    { files: { [path]: 'package.json' } },
    { metrics: { port: 8080, path } },
  ];
  for (const place of places) expect(faultsOf({ code, ...place })).toEqual([expect.stringContaining('must be a')]);
});

test('the sample site keeps /static/', () => {
  expect(faultsIn(() => configOf({ app: { static: { '/static/': '/srv/code/static' } } }))).toEqual([
    'app.static["/static/"]: must not be "/static/", where web servers serve files of their own',
  ]);
  expect(faultsOf({ static: { '/static/': '/app/static' } })).toEqual([]);
});
