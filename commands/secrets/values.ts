import { randomBytes, randomInt } from 'node:crypto';
import { newAuthority, selfSigned, signedBy } from './certificates';

/** Ten years: whoever trusts it would have to be restarted for another. */
const AUTHORITY_LIFE_MS = 3650 * 24 * 3600 * 1000;

const PASSWORD_LENGTH = 32;
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** A password of letters and digits that are not mistaken for each other: 185 bits. */
export const password = (): string => letters(PASSWORD_LENGTH);

const letters = (length: number): string => Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/**
 * A random value of the app.
 * @param length letters, or bytes before they are written as hex or base64
 */
export const randomValue = (format: 'letters' | 'hex' | 'base64' = 'letters', length = 64): string =>
  format === 'letters' ? letters(length) : randomBytes(length).toString(format);

/** A server certificate for the names, as the keys of a TLS Secret. */
export async function tlsValues(names: readonly string[]): Promise<Record<string, string>> {
  const { certificate, key, authority } = await selfSigned(names);
  return { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': authority };
}

/** An authority that lasts, as the keys of a TLS Secret. */
export async function authorityValues(name: string): Promise<Record<string, string>> {
  const { certificate, key } = await newAuthority(name, AUTHORITY_LIFE_MS);
  return { 'tls.crt': certificate, 'tls.key': key };
}

/** A certificate for the names, signed by the authority of a Secret, as the keys of another. */
export async function tlsValuesBy(
  authority: Readonly<Record<string, string>> | undefined,
  names: readonly string[],
): Promise<Record<string, string>> {
  const { 'tls.crt': certificate = '', 'tls.key': key = '' } = authority ?? {};
  const made = await signedBy({ certificate, key }, names);
  return { 'tls.crt': made.certificate, 'tls.key': made.key, 'ca.crt': made.authority };
}
