import { createPrivateKey, X509Certificate } from 'node:crypto';

const DAY_MS = 24 * 3600 * 1000;
const WARN_DAYS = 30;

/** Faults of a supplied certificate. */
export interface Findings {
  /** Errors: servers do not start with it, or every client refuses it. */
  readonly faults: readonly string[];
  /** Warnings: it works today or for some clients. */
  readonly warnings: readonly string[];
}

/** A certificate as the keys of a TLS Secret. */
export interface TlsValues {
  readonly 'tls.crt'?: string;
  readonly 'tls.key'?: string;
  readonly 'ca.crt'?: string;
}

/**
 * Checks a certificate before servers get it: whether the key belongs to it, its dates, its names, its CA.
 * @param names DNS names that clients will use
 * @param now in milliseconds since 1970
 */
export function checkCertificate(values: TlsValues, names: readonly string[], now: number): Findings {
  const leaf = read(() => new X509Certificate(values['tls.crt'] ?? ''));
  if (!leaf) return { faults: ['tls.crt is no certificate in PEM'], warnings: [] };
  const key = read(() => createPrivateKey(values['tls.key'] ?? ''));
  if (!key) return { faults: ['tls.key is no private key in PEM without a passphrase'], warnings: [] };

  const expires = Date.parse(leaf.validTo);
  const day = new Date(expires).toISOString().slice(0, 10);
  const missing = names.filter((name) => !covers(leaf, name));
  const days = Math.floor((expires - now) / DAY_MS);
  return {
    faults: [
      ...(leaf.checkPrivateKey(key) ? [] : ['tls.key is not the key of tls.crt']),
      ...(values['ca.crt'] && !isSigned(values['tls.crt'] ?? '', values['ca.crt'])
        ? ['ca.crt is not the CA of tls.crt']
        : []),
    ],
    warnings: [
      ...(days < 0 ? [`the certificate expired on ${day}`] : []),
      ...(days >= 0 && days < WARN_DAYS ? [`the certificate expires in ${days} days, on ${day}`] : []),
      ...(missing.length > 0 ? [`the certificate does not name ${missing.join(', ')}; clients will refuse it`] : []),
    ],
  };
}

/** A wildcard is checked with a name that it matches, except before a single label, where OpenSSL matches none. */
const covers = (leaf: X509Certificate, name: string): boolean =>
  /^\*\.[^.]+$/.test(name) || leaf.checkHost(name.replace(/^\*\./, 'any.')) !== undefined;

/** True when the CA signed the last certificate of the chain, or is part of it. */
export function isSigned(chain: string, ca: string): boolean {
  const cas = certificatesIn(ca);
  const last = certificatesIn(chain).at(-1);
  return (
    last !== undefined && cas.some((one) => last.fingerprint256 === one.fingerprint256 || last.verify(one.publicKey))
  );
}

const certificatesIn = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).flatMap(
    (text) => read(() => new X509Certificate(text)) ?? [],
  );

function read<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
