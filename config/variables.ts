import { type AppConfig, commandLinesOf, isOwnImage, metricsOf } from './app-facts';
import { nearest } from './nearest';

/** Variables that a process gets only if its configuration refers to them: they contain a secret, or much text. */
export const ON_DEMAND = ['DATABASE_PASSWORD', 'DATABASE_CA'] as const;

/** Variables of every process of the app. */
export const ALWAYS = [
  'SITE_NAME',
  'PORT',
  'DATABASE_PRIMARY_HOST',
  'DATABASE_REPLICA_HOST',
  'DATABASE_PORT',
  'DATABASE_NAME',
  'DATABASE_USER',
  'DATABASE_PASSWORD_FILE',
  'DATABASE_CA_FILE',
  'DATABASE_CONNECTIONS',
  'POD_NAME',
] as const;

/** Variables of every process of an image. */
export const OF_IMAGES = ['SITE_URL', 'SITE_DOMAIN', 'TRUSTED_PROXIES', 'POD_IP'] as const;

/** Names that $(…) may refer to: standard variables, variables on demand, and `app.env`. */
const knownVariables = (app: AppConfig): readonly string[] => [
  ...new Set([
    ...ALWAYS,
    ...ON_DEMAND,
    ...(isOwnImage(app) ? OF_IMAGES : []),
    ...(metricsOf(app) ? ['METRICS_PORT'] : []),
    ...(app.peers.length > 0 ? ['PEERS_HOST'] : []),
    ...Object.keys(app.env),
  ]),
];

const REFERENCE = /\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)/g;

/**
 * Names in $(…) of a text, as Kubernetes reads it: `$$` is a dollar sign.
 * @see https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
export const referencesIn = (text: string): string[] =>
  [...text.matchAll(REFERENCE)].flatMap(([, name]) => (name === undefined ? [] : [name]));

/** One line for each unknown $(…). */
export function unknownReferences(path: string, text: string, app: AppConfig): string[] {
  const known = knownVariables(app);
  return [...new Set(referencesIn(text))]
    .filter((name) => !known.includes(name))
    .map((name) => {
      const near = nearest(name, known);
      const help = near ? `did you mean $(${near})?` : 'write $$(…) where it stands for itself';
      return `${path}: must name variables that exist, got $(${name}); ${help}`;
    });
}

/** Texts of the configuration in which $(…) is a variable, with their paths. */
const textsOf = (app: AppConfig): readonly (readonly [path: string, text: string])[] =>
  Object.entries(app.env).flatMap(([name, value]) =>
    typeof value === 'string' ? [[`app.env.${name}`, value] as const] : [],
  );

/** Faults of `app.env` and of command lines: unknown names, and circular references. */
export const variableFaults = (app: AppConfig): string[] => [
  ...textsOf(app).flatMap(([path, text]) => unknownReferences(path, text, app)),
  // a shell's $(program) is no variable: only names in the form of a variable are checked
  ...commandLinesOf(app).flatMap(([path, words]) =>
    words.flatMap((word, i) =>
      unknownReferences(`${path}[${i}]`, word, app).filter((fault) => /got \$\([A-Z][A-Z0-9_]*\)/.test(fault)),
    ),
  ),
  ...circles(app),
];

function circles({ env }: AppConfig): string[] {
  const sorted = inOrder(env);
  const left = Object.keys(env).filter((name) => !sorted.includes(name));
  const itself = left.filter((name) => referencesIn(String(env[name])).includes(name));
  if (itself.length > 0)
    return itself.map((name) => circle(name, env, isAlwaysThere(name) ? always(name) : ofImage(name)));
  const [first] = left;
  return first === undefined ? [] : [circle(first, env, `${left.join(', ')} name each other`)];
}

const circle = (name: string, env: AppConfig['env'], why: string): string =>
  `app.env.${name}: must not need itself, got ${JSON.stringify(env[name])}; ${why}`;

const isAlwaysThere = (name: string): boolean => ([...ALWAYS, ...OF_IMAGES] as readonly string[]).includes(name);
const always = (name: string): string => `leave it out, as every process has ${name}`;
const ofImage = (name: string): string =>
  `what the image says of ${name} cannot be named here, so write the whole value`;

/** Names of the variables, each after the ones it refers to; circular ones are left out. */
export function inOrder(env: AppConfig['env']): string[] {
  const sorted: string[] = [];
  const needs = (name: string): string[] => {
    const value = env[name];
    return typeof value === 'string' ? referencesIn(value).filter((other) => other in env) : [];
  };
  let rest = Object.keys(env);
  for (;;) {
    const next = rest.filter((name) => needs(name).every((other) => sorted.includes(other)));
    if (next.length === 0) return sorted;
    sorted.push(...next);
    rest = rest.filter((name) => !next.includes(name));
  }
}

/**
 * The on-demand variables that a process needs.
 * @param texts of files that are expanded for it
 */
export const demanded = (app: AppConfig, texts: readonly string[]): readonly (typeof ON_DEMAND)[number][] => {
  const named = new Set(
    [...textsOf(app).map(([, text]) => text), ...commandLinesOf(app).flatMap(([, words]) => words), ...texts].flatMap(
      referencesIn,
    ),
  );
  return ON_DEMAND.filter((name) => named.has(name) && !(name in app.env));
};
