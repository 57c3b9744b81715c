import { isOwnImage, metricsOf } from '../../config/app-facts';
import type { Config } from '../../config/schema';
import { type ALWAYS, demanded, inOrder, type OF_IMAGES, type ON_DEMAND, referencesIn } from '../../config/variables';
import type * as k8s from '../../imports/k8s';
import { databaseServices, nameInTls, namespaceOf } from '../names';
import { port } from '../topology';

/** Folder of the app's password for the databases (`password`) and of their CA (`ca.crt`). */
export const SECRETS_PATH = '/run/secrets/threewall';
/** Folder of the certificate that the app shows web servers, with `tls.reencrypt: app`. */
export const TLS_PATH = '/run/secrets/app-tls';
/** The headless Service by which app pods find each other, also those that are not ready yet. */
export const APP_PEERS = 'app-peers';

const field = (fieldPath: string): Omit<k8s.EnvVar, 'name'> => ({ valueFrom: { fieldRef: { fieldPath } } });
const key = (name: string, of: string): Omit<k8s.EnvVar, 'name'> => ({
  valueFrom: { secretKeyRef: { name, key: of } },
});

/**
 * The environment of every process of the app: standard variables, those that the configuration asks for, and
 * `app.env`, each after the variables that it refers to, as Kubernetes requires.
 * @param texts of files that are expanded for the process
 */
export function environment(config: Config, texts: readonly string[] = []): k8s.EnvVar[] {
  const { app, secrets } = config;
  const onDemand: Record<(typeof ON_DEMAND)[number], Omit<k8s.EnvVar, 'name'>> = {
    DATABASE_PASSWORD: key(secrets.databaseUsers, 'app'),
    DATABASE_CA: key(secrets.databaseTls, 'ca.crt'),
  };
  const all: Record<string, Omit<k8s.EnvVar, 'name'>> = {
    ...values(always(config)),
    POD_NAME: field('metadata.name'),
    ...(isOwnImage(app) ? { ...values(ofImages(config)), POD_IP: field('status.podIP') } : {}),
    ...Object.fromEntries(demanded(app, texts).map((name) => [name, onDemand[name]])),
  };
  for (const name of inOrder(app.env)) {
    const value = app.env[name] ?? '';
    // `app.env` may override a standard variable: the new value is ordered by the variables it refers to
    delete all[name];
    all[name] = typeof value === 'string' ? { value } : key(secretOf(value.secret, config), value.key ?? name);
  }
  return Object.entries(all).map(([name, one]) => ({ name, ...one }));
}

/** Those variables of the environment that texts name, and that the values of these name: a process that fills in texts needs no others. */
export function environmentNamedIn(config: Config, texts: readonly string[]): k8s.EnvVar[] {
  const all = environment(config, texts);
  const needed = new Set<string>();
  const need = (text: string): void => {
    for (const name of referencesIn(text)) {
      if (needed.has(name)) continue;
      needed.add(name);
      need(all.find((one) => one.name === name)?.value ?? '');
    }
  };
  texts.forEach(need);
  return all.filter(({ name }) => needed.has(name));
}

const values = (texts: Readonly<Record<string, string>>): Record<string, Omit<k8s.EnvVar, 'name'>> =>
  Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, { value }]));

const secretOf = (secret: string, { secrets }: Config): string =>
  secret === 'random' ? secrets.appRandom : secret === 'supplied' ? secrets.appSupplied : secret;

/** Addresses and file names; the password itself is in a file unless the configuration names it. */
function always(config: Config): Record<string, string> {
  const metrics = metricsOf(config.app)?.port;
  return {
    SITE_NAME: config.name,
    PORT: String(config.app.port),
    ...(metrics === undefined ? {} : { METRICS_PORT: String(metrics) }),
    DATABASE_PRIMARY_HOST: databaseServices.primary,
    DATABASE_REPLICA_HOST: databaseServices.replica,
    DATABASE_PORT: String(port('database', 'mysql')),
    DATABASE_NAME: config.database.name,
    DATABASE_USER: 'app',
    DATABASE_PASSWORD_FILE: `${SECRETS_PATH}/password`,
    DATABASE_CA_FILE: `${SECRETS_PATH}/ca.crt`,
    DATABASE_CONNECTIONS: String(config.app.connections),
    ...(config.tls.reencrypt === 'app' ? { TLS_DIR: TLS_PATH, TLS_CLIENT_NAME: nameInTls('web', config) } : {}),
  } satisfies Partial<Record<(typeof ALWAYS)[number], string>> & Record<string, string>;
}

function ofImages(config: Config): Record<string, string> {
  const peers = `${APP_PEERS}.${namespaceOf('app', config)}.svc.${config.cluster.domain}`;
  return {
    SITE_URL: `https://${config.domain}`,
    SITE_DOMAIN: config.domain,
    // whose X-Forwarded-For the app may trust: web servers are pods, and the firewall lets in nothing else
    TRUSTED_PROXIES: config.cluster.podCidrs.join(','),
    ...(config.app.peers.length > 0 ? { PEERS_HOST: peers } : {}),
  } satisfies Partial<Record<(typeof OF_IMAGES)[number], string>> & Record<string, string>;
}
