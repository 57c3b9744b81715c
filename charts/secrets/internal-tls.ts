import type { Config } from '../../config/schema';
import { mayGenerate } from '../../config/secrets-schema';
import { nameInTls, namespaceOf } from '../names';
import type { Needed } from './needed';

const TLS = ['tls.crt', 'tls.key'];

/** The Secrets of mutual TLS between web and app servers, none with plain http. */
export function internalSecrets(config: Config): Needed[] {
  const { secrets, tls } = config;
  if (tls.reencrypt === 'none') return [];
  const common = { namespace: namespaceOf('app', config), type: 'kubernetes.io/tls' as const };
  const signed = (id: 'appTls' | 'webClientTls', host: string, who: string): Needed => ({
    ...common,
    id,
    name: secrets[id],
    keys: [...TLS, 'ca.crt'],
    holds: `certificate and key of the ${who}, for ${host}, and the CA of both sides`,
    hosts: [host],
  });
  const ca: Needed = {
    ...common,
    id: 'internalCa',
    name: secrets.internalCa,
    keys: TLS,
    onlyFor: ['appTls', 'webClientTls'],
    holds: 'CA that signs the certificates of web and app servers, with its key',
  };
  return [
    // with supplied certificates, the CA's key stays with you
    ...(mayGenerate(secrets) ? [ca] : []),
    signed('appTls', nameInTls('app', config), 'app servers'),
    signed('webClientTls', nameInTls('web', config), 'web servers as clients of the app servers'),
  ];
}
