import type { Config } from '../../config';
import { createsInCluster } from '../../config/secrets-schema';
import { checkCertificate, type Findings } from './certificate-check';
import { strangers } from './strangers';
import { absentKeys, type Found, isNeeded, type Wanted } from './wanted';

/** What you must do before the Secrets are usable, one line each; none when the rest can be generated. */
export function faultsOf(wanted: readonly Wanted[], found: ReadonlyMap<string, Found>, config: Config): string[] {
  const faults = wanted.flatMap((secret) => {
    const values = found.get(secret.id);
    if (values) return secret.grows && createsInCluster(config.secrets) ? [] : lacking(secret, values);
    if (!isNeeded(secret, found)) return [];
    return secret.make && createsInCluster(config.secrets) ? [] : [missing(secret, config)];
  });
  return [...faults, ...disagreements(wanted, found), ...strangers(wanted, found)];
}

function lacking(secret: Wanted, values: Found): string[] {
  const { namespace, name, holds } = secret;
  const absent = absentKeys(secret, values);
  return absent.length > 0
    ? [`${namespace}/${name}: lacks ${absent.join(', ')}; it is left as it is: add what is missing (${holds})`]
    : [];
}

function missing({ namespace, name, type, keys, holds, copies, make }: Wanted, { secrets, ...config }: Config): string {
  const what = `${namespace}/${name}: is missing; it must hold ${keys.join(', ')}: ${holds}`;
  if (secrets.externalSecrets) {
    const { prefix = `${config.name}/`, store } = secrets.externalSecrets;
    const entry = `the entry ${prefix}${name} of ${store.kind} ${store.name}, with the properties ${keys.join(', ')}`;
    return `${what}\n      comes from ${copies ? 'the entries of its originals' : entry}`;
  }
  if (make && secrets.provider !== 'kubectl') {
    return `${what}\n      encrypt what \`npm run -s secrets -- ENVIRONMENT --stream\` prints and apply it (docs/secrets.md)`;
  }
  const files = keys.map((key) => `--from-file=${key}=FILE`).join(' ');
  return `${what}\n      kubectl create secret generic ${name} -n ${namespace} --type=${type} ${files}`;
}

/** The copy for the monitoring namespace must equal its original. */
function disagreements(wanted: readonly Wanted[], found: ReadonlyMap<string, Found>): string[] {
  const copy = found.get('databaseMonitoring');
  const secret = wanted.find(({ id }) => id === 'databaseMonitoring');
  if (!copy || !secret) return [];
  const originals = { password: found.get('users')?.monitoring, 'ca.crt': found.get('database')?.['ca.crt'] };
  const said = {
    password: 'its password is not that of the account monitoring',
    'ca.crt': 'its ca.crt is not that of the databases',
  };
  const differing = (['password', 'ca.crt'] as const).filter((key) => copy[key] && copy[key] !== originals[key]);
  return differing.length > 0
    ? [
        `${secret.namespace}/${secret.name}: ${differing.map((key) => said[key]).join(' and ')}; delete it and run this again, it is a copy:\n      kubectl delete secret ${secret.name} -n ${secret.namespace}`,
      ]
    : [];
}

/** Faults of existing certificates, each line with its Secret. */
export function certificateFindings(
  wanted: readonly Wanted[],
  found: ReadonlyMap<string, Found>,
  now: number,
): Findings {
  const all = wanted.flatMap(({ id, namespace, name, hosts }) => {
    const values = found.get(id);
    if (!values?.['tls.crt'] || !values['tls.key'] || !hosts) return [];
    const { faults, warnings } = checkCertificate(values, hosts, now);
    const placed = (text: string): string => `${namespace}/${name}: ${text}`;
    return [{ faults: faults.map(placed), warnings: warnings.map(placed) }];
  });
  return { faults: all.flatMap(({ faults }) => faults), warnings: all.flatMap(({ warnings }) => warnings) };
}
