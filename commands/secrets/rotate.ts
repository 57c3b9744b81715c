import { X509Certificate } from 'node:crypto';
import type { Config } from '../../config';
import { kubectl, serverVersion } from '../cluster/kubectl';
import { workloadsOf } from '../cluster/workloads';
import { UsageError } from '../command';
import { type Environment, environment, objectsOf } from '../environment';
import { ensureSecrets } from './ensure';
import { type Present, readSecret, setKeys } from './in-cluster';
import { wantedSecrets } from './plan';
import { waitUntilTaken } from './taken';
import type { Found, Wanted } from './wanted';

/** Annotation with the time of the last rotation. */
export const ROTATED = 'threewall/rotated';

/**
 * Time between two rotations of passwords: databases accept the previous password of the app for ten minutes more, and
 * only one previous password.
 */
const BETWEEN_MS = 15 * 60_000;

/** Why a Secret has to be rotated by hand, by its id; docs/secrets.md says how. */
const BY_HAND: Readonly<Partial<Record<Wanted['id'], string>>> = {
  database: 'clients read its CA when they start',
  internalCa: 'both sides must trust the old and the new CA meanwhile',
  backup: 'the repositories must accept the new password first',
  databaseMonitoring: 'it is a copy of database-users and database-tls, and follows them',
};

/** What is to be rotated: a Secret and some of its keys. */
export interface Choice {
  readonly secret: Wanted;
  readonly keys: readonly string[];
}

/** Reads the argument of --rotate. @throws UsageError when this cannot be rotated by the command */
export function chosenSecret(what: string, config: Config): Choice {
  const [name = '', named] = what.split('/');
  const wanted = wantedSecrets(config);
  const secret = wanted.find((one) => one.name === name);
  const possible = wanted.filter(({ id, make }) => make && !BY_HAND[id]).map((one) => one.name);
  const refuse = (why: string): never => {
    throw new UsageError(`--rotate: ${why}; see docs/secrets.md`);
  };
  if (!secret) return refuse(`must be one of ${possible.join(', ')}, got "${name}"`);
  if (config.secrets.provider !== 'kubectl' || !config.secrets.create) {
    return refuse(
      `${name} belongs to another tool (secrets.provider "${config.secrets.provider}", secrets.create ${config.secrets.create}), which must rotate it`,
    );
  }
  if (secret.madeByOthers) return refuse(`${name} belongs to cert-manager, which renews it by itself`);
  const why = BY_HAND[secret.id];
  if (why) return refuse(`${name} must be rotated by hand: ${why}`);
  if (!secret.make) return refuse(`${name} holds what you have supplied: change it with kubectl`);
  const keys = named?.split(',') ?? [];
  const unknown = keys.filter((key) => !secret.keys.includes(key));
  if (unknown.length > 0) return refuse(`${name} has the keys ${secret.keys.join(', ')}, got "${unknown.join(',')}"`);
  if (secret.hosts && keys.length > 0)
    return refuse(`a certificate and its key change together: leave "/${named}" out`);
  if (secret.id === 'appRandom' && keys.length === 0) {
    return refuse(
      `name the keys of ${name}, like ${name}/${secret.keys[0]}: what one of them has encrypted or signed may be unreadable with another`,
    );
  }
  return { secret, keys: keys.length > 0 ? keys : secret.keys };
}

/**
 * Why the values in the cluster must not be replaced now, undefined when they may.
 * @param now in milliseconds since 1970
 */
export function whyNotNow({ secret }: Choice, { values, annotations }: Present, now: number): string | undefined {
  if (secret.id === 'users') {
    const left = Date.parse(annotations[ROTATED] ?? '') + BETWEEN_MS - now;
    if (left > 0) {
      return `it was rotated less than ${BETWEEN_MS / 60_000} minutes ago, and pods may still use the password before; try again in ${Math.ceil(left / 60_000)} minutes`;
    }
  }
  if (secret.id === 'site' && !isGenerated(values['tls.crt'] ?? '')) {
    return 'its certificate was supplied, and a generated one is trusted by no browser: supply the new one';
  }
  return undefined;
}

/** Whether `npm run secrets` has made the certificate: its CA is named after it. */
function isGenerated(pem: string): boolean {
  const { subject, issuer } = new X509Certificate(pem);
  return issuer === subject.replace(/^CN=/, 'CN=CA of ');
}

/** Gives a Secret new values and has every pod use them. */
export async function rotate(name: string | undefined, what: string): Promise<void> {
  const chosen = environment(name);
  const { config } = chosen;
  const choice = chosenSecret(what, config);
  const { secret, keys } = choice;
  await serverVersion();
  const found = await ensureSecrets(chosen);
  const present = await readSecret(secret.name, secret.namespace);
  if (!present || !secret.make) throw new UsageError(`--rotate: ${secret.namespace}/${secret.name} is missing`);
  const why = whyNotNow(choice, present, Date.now());
  if (why) throw new UsageError(`--rotate: ${secret.namespace}/${secret.name}: ${why}`);
  const made = await secret.make(found);
  const values = secret.hosts ? made : Object.fromEntries(keys.map((key) => [key, made[key] ?? '']));
  await setKeys(secret, values, present.version, { [ROTATED]: new Date().toISOString() });
  console.log(`${secret.namespace}/${secret.name}: new values of ${Object.keys(values).join(', ')}`);
  const restarts = restartsAfter(choice, chosen);
  if (restarts.length > 0) {
    console.log(
      `if this command is interrupted, finish it within ten minutes:\n${restarts.map((args) => `  kubectl ${args.join(' ')}`).join('\n')}`,
    );
  }
  if (secret.id === 'users') await followPasswords(config, values);
  for (const args of restarts) await kubectl(args);
  for (const [, , workload = '', ...where] of restarts) {
    await kubectl(['rollout', 'status', workload, ...where, '--timeout=570s'], { seconds: 600 });
    console.log(`restarted ${workload}`);
  }
}

/** Waits for the databases, then brings the copy of the monitoring account's password up to date. */
async function followPasswords(config: Config, passwords: Found): Promise<void> {
  await waitUntilTaken(config, passwords);
  console.log('every database accepts them');
  const copy = wantedSecrets(config).find(({ id }) => id === 'databaseMonitoring');
  if (!copy || passwords.monitoring === undefined) return;
  const present = await readSecret(copy.name, copy.namespace);
  await setKeys(copy, { password: passwords.monitoring }, present?.version);
  console.log(`${copy.namespace}/${copy.name}: its copy`);
}

/** Restarts of the pods that read these values at their start alone, as arguments of kubectl. */
export function restartsAfter({ secret, keys }: Choice, chosen: Environment): string[][] {
  const { config } = chosen;
  const tiers = [
    ...(secret.id === 'users' && keys.includes('monitoring') ? ['monitoring'] : []),
    // an image may have read the password from its environment; server.mjs reads the file for each new connection
    ...((secret.id === 'users' && keys.includes('app') && config.app.image) || secret.id === 'appRandom'
      ? ['app', 'worker']
      : []),
  ];
  return workloadsOf(objectsOf(chosen), config)
    .filter(({ tier }) => tiers.includes(tier))
    .map(({ kind, name, namespace }) => ['rollout', 'restart', `${kind.toLowerCase()}/${name}`, '-n', namespace]);
}
