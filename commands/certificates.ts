import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const HOUR_MS = 3600 * 1000;
/** Begins a little earlier, for clients whose clocks are behind. */
const BACKDATED_MS = HOUR_MS;
/** Longest life that is safe with browsers, which refuse more than 398 days. @see https://support.apple.com/en-us/102028 */
const LIFE_MS = 397 * 24 * HOUR_MS;
/** Longest common name of X.509; the names that count stand in the subject alternative names. */
const LONGEST_COMMON_NAME = 64;

/** A server's certificate, as PEM. */
export interface Certificate {
  /** The server's certificate. */
  readonly certificate: string;
  readonly key: string;
  /** The authority that signed it. */
  readonly authority: string;
}

/**
 * Makes an authority and one server certificate signed by it (ECDSA P-256). The authority's key is thrown away: it can
 * sign nothing else, so whoever trusts it trusts this one certificate.
 * @param names DNS names, wildcards allowed; the first is the subject
 * @param now it is valid for 397 days from an hour before
 */
export async function selfSigned(names: readonly string[], now = new Date()): Promise<Certificate> {
  const [name = 'localhost'] = names;
  const notBefore = new Date(now.getTime() - BACKDATED_MS);
  const notAfter = new Date(notBefore.getTime() + LIFE_MS);
  const authorityKeys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: commonName(`Authority of ${name}`),
    notBefore,
    notAfter,
    keys: authorityKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const leaf = await x509.X509CertificateGenerator.create({
    subject: commonName(name),
    issuer: authority.subject,
    notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificate: leaf.toString('pem'),
    key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
    authority: authority.toString('pem'),
  };
}

const commonName = (text: string): string => `CN=${text.slice(0, LONGEST_COMMON_NAME)}`;
