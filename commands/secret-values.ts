import { randomInt } from 'node:crypto';
import { selfSigned } from './certificates';

const PASSWORD_LENGTH = 32;
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** A password of letters and digits that are not mistaken for each other: 185 bits. */
export const password = (): string =>
  Array.from({ length: PASSWORD_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/** A server certificate for the names, as the keys of a TLS Secret. */
export async function tlsValues(names: readonly string[]): Promise<Record<string, string>> {
  const { certificate, key, authority } = await selfSigned(names);
  return { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': authority };
}
