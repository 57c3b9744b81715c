import { randomBytes, randomInt } from 'node:crypto';
import { newCa, selfSigned, signedBy } from './certificates';

/** Ten years: servers that trust it must be restarted for a new one. */
const AUTHORITY_LIFE_MS = 3650 * 24 * 3600 * 1000;

const PASSWORD_LENGTH = 32;
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** A password of letters and digits without look-alikes: 185 bits. */
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
  const { certificate, key, ca } = await selfSigned(names);
  return { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': ca };
}

/** A long-lived CA, as the keys of a TLS Secret. */
export async function authorityValues(name: string): Promise<Record<string, string>> {
  const { certificate, key } = await newCa(name, AUTHORITY_LIFE_MS);
  return { 'tls.crt': certificate, 'tls.key': key };
}

/** A certificate for the names, signed by the CA of one Secret, as the keys of another. */
export async function tlsValuesBy(
  ca: Readonly<Record<string, string>> | undefined,
  names: readonly string[],
): Promise<Record<string, string>> {
  const { 'tls.crt': certificate = '', 'tls.key': key = '' } = ca ?? {};
  const made = await signedBy({ certificate, key }, names);
  return { 'tls.crt': made.certificate, 'tls.key': made.key, 'ca.crt': made.ca };
}
