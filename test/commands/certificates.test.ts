import { createPrivateKey, X509Certificate } from 'node:crypto';
import { checkCertificate } from '../../commands/secrets/certificate-check';
import { type Certificate, selfSigned } from '../../commands/secrets/certificates';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-06-01T12:00:00Z');
const HOSTS = ['www.example.org', '*.database.shop', '*.database'];
let made: Certificate;
let other: Certificate;
beforeAll(async () => {
  [made, other] = await Promise.all([selfSigned(HOSTS, NOW), selfSigned(['other.example.org'], NOW)]);
});
const values = ({ certificate, key, ca }: Certificate) => ({
  'tls.crt': certificate,
  'tls.key': key,
  'ca.crt': ca,
});

describe('a certificate that is made', () => {
  test('names its hosts', () => {
    const leaf = new X509Certificate(made.certificate);
    expect(leaf.subjectAltName).toBe(HOSTS.map((host) => `DNS:${host}`).join(', '));
    expect(leaf.checkHost('www.example.org')).toBe('www.example.org');
    expect(leaf.checkHost('database-1.database.shop')).toBe('*.database.shop');
  });

  test('is signed by its CA, and is none itself', () => {
    const [leaf, ca] = [new X509Certificate(made.certificate), new X509Certificate(made.ca)];
    expect(leaf.checkIssued(ca)).toBe(true);
    expect(leaf.verify(ca.publicKey)).toBe(true);
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect([leaf.ca, ca.ca]).toEqual([false, true]);
  });

  test('has its own key on the curve P-256', () => {
    const key = createPrivateKey(made.key);
    expect(key.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(new X509Certificate(made.certificate).checkPrivateKey(key)).toBe(true);
  });

  test('lives 397 days, and so does its CA', () => {
    for (const pem of [made.certificate, made.ca]) {
      const { validFrom, validTo } = new X509Certificate(pem);
      expect((Date.parse(validTo) - Date.parse(validFrom)) / DAY_MS).toBe(397);
      expect(Date.parse(validFrom)).toBeLessThan(NOW.getTime());
    }
  });

  test('has a common name that X.509 accepts, however long the host name is', async () => {
    const host = `${'a'.repeat(60)}.${'b'.repeat(60)}.example.org`;
    const { certificate, ca } = await selfSigned([host], NOW);
    const leaf = new X509Certificate(certificate);
    expect(leaf.subject.length).toBeLessThanOrEqual('CN='.length + 64);
    expect(leaf.checkHost(host)).toBe(host);
    expect(leaf.verify(new X509Certificate(ca).publicKey)).toBe(true);
  });
});

describe('a certificate that was supplied', () => {
  const check = (changed: object = {}, hosts: readonly string[] = HOSTS, daysLater = 0) =>
    checkCertificate({ ...values(made), ...changed }, hosts, NOW.getTime() + daysLater * DAY_MS);

  test('is right when key, names, dates and CA fit', () => {
    expect(check()).toEqual({ faults: [], warnings: [] });
  });

  test('may bring its chain, and need not bring a CA', () => {
    const chain = `${made.certificate}\n${made.ca}`;
    expect(check({ 'tls.crt': chain })).toEqual({ faults: [], warnings: [] });
    expect(check({ 'ca.crt': undefined })).toEqual({ faults: [], warnings: [] });
  });

  test.each([
    ['text is no certificate', () => ({ 'tls.crt': 'text' }), 'tls.crt is no certificate in PEM'],
    ['text is no key', () => ({ 'tls.key': 'text' }), 'tls.key is no private key in PEM without a passphrase'],
    ['the key is of another one', () => ({ 'tls.key': other.key }), 'tls.key is not the key of tls.crt'],
    ['another CA signed it', () => ({ 'ca.crt': other.ca }), 'ca.crt is not the CA of tls.crt'],
  ])('is refused when %s', (_, changed, fault) => {
    expect(check(changed()).faults).toEqual([fault]);
  });

  test.each([
    [366, []],
    [367, ['the certificate expires in 29 days, on 2027-07-03']],
    [400, ['the certificate expired on 2027-07-03']],
  ])('after %d days of 397 is warned about: %j', (days, warnings) => {
    expect(check({}, HOSTS, days)).toEqual({ faults: [], warnings });
  });

  test('is warned about when it lacks a name', () => {
    expect(check({}, ['www.example.org', 'shop.example.org']).warnings).toEqual([
      'the certificate does not name shop.example.org; clients will refuse it',
    ]);
  });
});
