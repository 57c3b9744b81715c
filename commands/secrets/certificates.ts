import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const HOUR_MS = 3600 * 1000;
/** Validity starts earlier, for clients whose clocks are behind. */
const BACKDATED_MS = HOUR_MS;
/**
 * Longest validity accepted by browsers, which refuse more than 398 days. @see https://support.apple.com/en-us/102028
 */
const LIFE_MS = 397 * 24 * HOUR_MS;
/** Longest common name of X.509; clients check the subject alternative names instead. */
const LONGEST_COMMON_NAME = 64;

/** A certificate with its key, as PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  /** The CA that signed it. */
  readonly ca: string;
}

/** A CA with its key, as PEM. */
export interface Ca {
  readonly certificate: string;
  readonly key: string;
}

/**
 * Creates a CA (ECDSA P-256) that may sign certificates of servers and clients, but no other CA.
 * @param name subject of the CA
 * @param lifeMs how long it is valid, from an hour before `now`
 */
export async function newCa(name: string, lifeMs: number, now = new Date()): Promise<Ca> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: commonName(`CA of ${name}`),
    ...life(lifeMs, now),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await keyPem(keys.privateKey) };
}

/**
 * Creates one certificate for a server or client (ECDSA P-256), signed by a CA.
 * @param names DNS names, wildcards allowed; the first is the subject
 * @param now it is valid for 397 days from an hour before
 */
export async function signedBy(ca: Ca, names: readonly string[], now = new Date()): Promise<Certificate> {
  const [name = 'localhost'] = names;
  const issuer = new x509.X509Certificate(ca.certificate);
  const signingKey = await crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(ca.key), ALGORITHM, false, [
    'sign',
  ]);
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const leaf = await x509.X509CertificateGenerator.create({
    subject: commonName(name),
    issuer: issuer.subject,
    ...life(LIFE_MS, now),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return {
    certificate: leaf.toString('pem'),
    key: await keyPem(keys.privateKey),
    ca: ca.certificate,
  };
}

/**
 * Creates a CA and one certificate signed by it. The CA's key is thrown away, so it cannot sign anything else:
 * trusting the CA means trusting this one certificate.
 */
export async function selfSigned(names: readonly string[], now = new Date()): Promise<Certificate> {
  return signedBy(await newCa(names[0] ?? 'localhost', LIFE_MS, now), names, now);
}

const keyPem = async (key: webcrypto.CryptoKey): Promise<string> =>
  x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');

function life(lifeMs: number, now: Date): { notBefore: Date; notAfter: Date } {
  const notBefore = new Date(now.getTime() - BACKDATED_MS);
  return { notBefore, notAfter: new Date(notBefore.getTime() + lifeMs) };
}

const commonName = (text: string): string => `CN=${text.slice(0, LONGEST_COMMON_NAME)}`;
