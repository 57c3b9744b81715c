import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const HOUR_MS = 3600 * 1000;
/** Begins a little earlier, for clients whose clocks are behind. */
const BACKDATED_MS = HOUR_MS;
/** Longest life that is safe with browsers, which refuse more than 398 days. @see https://support.apple.com/en-us/102028 */
const LIFE_MS = 397 * 24 * HOUR_MS;
/** Longest common name of X.509; the names that count stand in the subject alternative names. */
const LONGEST_COMMON_NAME = 64;

/** A certificate with its key, as PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  /** The authority that signed it. */
  readonly authority: string;
}

/** An authority that can sign, as PEM. */
export interface Authority {
  readonly certificate: string;
  readonly key: string;
}

/**
 * Makes an authority (ECDSA P-256) that may sign servers and clients, no other authority.
 * @param name of what it vouches for
 * @param lifeMs how long it is valid, from an hour before `now`
 */
export async function newAuthority(name: string, lifeMs: number, now = new Date()): Promise<Authority> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: commonName(`Authority of ${name}`),
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
 * Makes one certificate for a server or client (ECDSA P-256), signed by an authority.
 * @param names DNS names, wildcards allowed; the first is the subject
 * @param now it is valid for 397 days from an hour before
 */
export async function signedBy(authority: Authority, names: readonly string[], now = new Date()): Promise<Certificate> {
  const [name = 'localhost'] = names;
  const issuer = new x509.X509Certificate(authority.certificate);
  const signingKey = await crypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(authority.key),
    ALGORITHM,
    false,
    ['sign'],
  );
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
    authority: authority.certificate,
  };
}

/**
 * Makes an authority and one certificate signed by it. The authority's key is thrown away: it can sign nothing else, so
 * whoever trusts it trusts this one certificate.
 */
export async function selfSigned(names: readonly string[], now = new Date()): Promise<Certificate> {
  return signedBy(await newAuthority(names[0] ?? 'localhost', LIFE_MS, now), names, now);
}

const keyPem = async (key: webcrypto.CryptoKey): Promise<string> =>
  x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');

function life(lifeMs: number, now: Date): { notBefore: Date; notAfter: Date } {
  const notBefore = new Date(now.getTime() - BACKDATED_MS);
  return { notBefore, notAfter: new Date(notBefore.getTime() + lifeMs) };
}

const commonName = (text: string): string => `CN=${text.slice(0, LONGEST_COMMON_NAME)}`;
