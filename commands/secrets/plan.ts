import { neededSecrets } from '../../charts/secrets/list';
import type { Needed } from '../../charts/secrets/needed';
import type { Config } from '../../config';
import { authorityValues, password, randomValue, tlsValues, tlsValuesBy } from './values';
import type { Wanted } from './wanted';

/** The Secrets of an environment, in the order of `neededSecrets`, each with what generates its values. */
export const wantedSecrets = (config: Config): Wanted[] =>
  neededSecrets(config).map((secret) => ({ ...secret, make: makerOf(secret, config) }));

/** Generates the values of a Secret; undefined where only people or another tool can supply them. */
function makerOf({ id, keys, hosts = [], copies = {}, madeByOthers }: Needed, config: Config): Wanted['make'] {
  if (madeByOthers) return undefined;
  switch (id) {
    case 'site':
    case 'database':
      return () => tlsValues(hosts);
    case 'internalCa':
      return () => authorityValues(`${config.name}, internal`);
    case 'appTls':
    case 'webClientTls':
      return (found) => tlsValuesBy(found.get('internalCa'), hosts);
    case 'users':
      return () => Object.fromEntries(keys.map((user) => [user, password()]));
    case 'databaseMonitoring':
      return (found) =>
        Object.fromEntries(Object.entries(copies).map(([key, one]) => [key, found.get(one.from)?.[one.key] ?? '']));
    case 'appRandom':
      return () => Object.fromEntries(keys.map((name) => [name, randomOf(name, config)]));
    case 'backup':
      // a password can be generated, access to a store cannot
      return config.backup?.store.type === 'claim' ? () => ({ password: password() }) : undefined;
    default:
      return undefined;
  }
}

function randomOf(name: string, { app }: Config): string {
  const value = app.env[name];
  return typeof value === 'object' ? randomValue(value.format, value.length) : '';
}
