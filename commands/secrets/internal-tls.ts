import { nameInTls, namespaceOf } from '../../charts/names';
import type { Config } from '../../config';
import { isSigned } from './certificate-check';
import { authorityValues, tlsValuesBy } from './values';
import type { Found, Wanted } from './wanted';

const TLS = ['tls.crt', 'tls.key'];

/** The Secrets of mutual TLS between web and app servers, none with plain http. */
export function internalSecrets(config: Config): Wanted[] {
  const { secrets, tls } = config;
  if (tls.reencrypt === 'none') return [];
  const common = { namespace: namespaceOf('app', config), type: 'kubernetes.io/tls' as const };
  const signed = (id: 'appTls' | 'webClientTls', host: string, who: string): Wanted => ({
    ...common,
    id,
    name: secrets[id],
    keys: [...TLS, 'ca.crt'],
    holds: `certificate and key of the ${who}, for ${host}, and the CA of both sides`,
    hosts: [host],
    make: (found) => tlsValuesBy(found.get('internalCa'), [host]),
  });
  const ca: Wanted = {
    ...common,
    id: 'internalCa',
    name: secrets.internalCa,
    keys: TLS,
    onlyFor: ['appTls', 'webClientTls'],
    holds: 'CA that signs the certificates of web and app servers, with its key',
    make: () => authorityValues(`${config.name}, internal`),
  };
  return [
    // with supplied certificates, the CA's key stays with you
    ...(secrets.create ? [ca] : []),
    signed('appTls', nameInTls('app', config), 'app servers'),
    signed('webClientTls', nameInTls('web', config), 'web servers as clients of the app servers'),
  ];
}

/** Each side must trust the other side's CA: one line for a side that does not. */
export function strangers(wanted: readonly Wanted[], found: ReadonlyMap<string, Found>): string[] {
  const sides = ['appTls', 'webClientTls'] as const;
  return sides.flatMap((id, n) => {
    const other = sides[1 - n] as Wanted['id'];
    const [mine, cas] = [found.get(id)?.['tls.crt'], found.get(other)?.['ca.crt']];
    if (!mine || !cas || isSigned(mine, cas)) return [];
    const [secret, peer] = [id, other].map((one) => wanted.find((w) => w.id === one));
    return [`${secret?.namespace}/${secret?.name}: its certificate is unknown to the ca.crt of ${peer?.name}`];
  });
}
