import { type AppConfig, healthOf, isOwnImage, metricsOf } from './app-facts';
import type { Config } from './schema';

/** Ports of the router in the same pod, and of the databases behind it. */
const ROUTER_PORTS = { 8405: "the router's health", 3306: 'the databases, through the router' } as const;
/** Whether a port is that of the site, named or left out. */
const isMain = (port: number | undefined, app: AppConfig): boolean => port === undefined || port === app.port;

/** Ports of the pod that are the same, or that nothing uses. */
export function portFaults(app: AppConfig): string[] {
  const { port: health, ready, live } = healthOf(app);
  const metrics = metricsOf(app)?.port;
  const all: [string, number][] = [
    ['app.port', app.port],
    ...(metrics !== undefined && metrics !== app.port ? [['app.metrics.port', metrics] as [string, number]] : []),
    ...(health !== undefined && health !== app.port && health !== metrics
      ? [['app.health.port', health] as [string, number]]
      : []),
    ...app.peers.map((peer, i): [string, number] => [`app.peers[${i}]`, peer]),
  ];
  const idle =
    health !== undefined && (ready ?? live) === undefined
      ? [
          `app.health.port: must be left out without app.health.ready and app.health.live, which it answers, got ${health}`,
        ]
      : [];
  const same = all.flatMap(([path, port], i) => {
    const taken = ROUTER_PORTS[port as keyof typeof ROUTER_PORTS] ?? all.slice(0, i).find(([, p]) => p === port)?.[0];
    return taken ? [`${path}: must differ from the other ports of the pod, got ${port}, that of ${taken}`] : [];
  });
  return [...idle, ...same];
}

/** Most seconds for which web servers may keep a connection to the sample site, which keeps it for 75. */
const SITE_KEEPS = 70;

/** What the protocol of the port allows: HTTP, FastCGI, TLS. */
export function protocolFaults(app: AppConfig, tls: Config['tls'] | undefined): string[] {
  const { protocol, root, index, keepAliveSeconds } = app;
  const health = healthOf(app);
  if (protocol === 'http') {
    return [
      ...(!isOwnImage(app) && keepAliveSeconds !== undefined && keepAliveSeconds > SITE_KEEPS
        ? [
            `app.keepAliveSeconds: must be 1 to ${SITE_KEEPS} for the sample site, which closes a connection itself after 75, got ${keepAliveSeconds}`,
          ]
        : []),
      ...(tls?.reencrypt === 'app' && isOwnImage(app) && app.metrics?.port === app.port
        ? [
            `app.metrics.port: must differ from app.port with tls.reencrypt "app", got ${app.port}: the collector has no certificate for the port of the site`,
          ]
        : []),
      ...(root ? [`app.root: must be left out unless app.protocol is "fastcgi", got "${root}"`] : []),
      ...(index ? [`app.index: must be left out unless app.protocol is "fastcgi", got "${index}"`] : []),
      ...(tls?.reencrypt === 'app' && isOwnImage(app) && (health.ready ?? health.live) && isMain(health.port, app)
        ? [
            'app.health: must name a plain port of its own ({ready, live, port}) with tls.reencrypt "app", or be left out: a kubelet has no certificate for the port of the site',
          ]
        : []),
    ];
  }
  return [
    ...(isOwnImage(app)
      ? []
      : ['app.protocol: must be "http" for the sample site, got "fastcgi"; app.image names an app that speaks it']),
    ...(root === undefined
      ? [
          'app.root: is required with app.protocol "fastcgi": the folder that holds the index file, like "/srv/code/public"',
        ]
      : []),
    ...(keepAliveSeconds === undefined
      ? []
      : [
          `app.keepAliveSeconds: must be left out with app.protocol "fastcgi", got ${keepAliveSeconds}; its connections are not kept`,
        ]),
    ...(isOwnImage(app) && (health.ready ?? health.live) && isMain(health.port, app)
      ? [
          `app.health: must be left out with app.protocol "fastcgi", got ${JSON.stringify(app.health)}: a kubelet speaks HTTP; or name an HTTP port of its own ({ready, live, port})`,
        ]
      : []),
    ...(app.metrics?.port === app.port
      ? [
          `app.metrics.port: must differ from app.port with app.protocol "fastcgi", got ${app.port}: the collector speaks HTTP`,
        ]
      : []),
    ...(tls?.reencrypt === 'app'
      ? ['tls.reencrypt: must not be "app" with app.protocol "fastcgi", which knows no TLS, got "app"']
      : []),
  ];
}
