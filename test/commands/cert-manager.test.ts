import { wantedSecrets } from '../../commands/secrets/plan';
import { isNeeded } from '../../commands/secrets/wanted';
import { whyNeverIssued, whyNotIssued } from '../../commands/up/cert-manager';
import { configOf } from '../support/configs';
import { synthesize } from '../support/manifests';

const config = configOf({
  name: 'shop',
  secrets: { siteTls: 'bought' },
  tls: { certificate: { source: 'cert-manager', issuer: { name: 'letsencrypt', kind: 'ClusterIssuer' } } },
});

test('cert-manager is asked for the certificate of the domain, in the Secret that the web servers mount', () => {
  const certificates = synthesize(config).filter(({ kind }) => kind === 'Certificate');
  expect(certificates).toMatchObject([
    {
      apiVersion: 'cert-manager.io/v1',
      metadata: { namespace: 'shop' },
      spec: {
        secretName: 'bought',
        dnsNames: ['www.example.org'],
        issuerRef: { name: 'letsencrypt', kind: 'ClusterIssuer', group: 'cert-manager.io' },
      },
    },
  ]);
});

test('the certificate contains every alias, whichever tool creates it', () => {
  const certificate = { source: 'cert-manager', issuer: { name: 'own' } };
  const names = ['www.example.org', 'example.org'];
  const asked = synthesize(configOf({ aliases: ['example.org'], tls: { certificate } }));
  expect(asked.find(({ kind }) => kind === 'Certificate')?.spec.dnsNames).toEqual(names);
  expect(wantedSecrets(configOf({ aliases: ['example.org'] })).find(({ id }) => id === 'site')?.hosts).toEqual(names);
});

test('cert-manager is not queried if the certificate is in a Secret', () => {
  expect(synthesize(configOf()).some(({ kind }) => kind === 'Certificate')).toBe(false);
});

test('the Secret of the site is neither made nor missed, and checked once it is there', () => {
  const site = wantedSecrets(config).find(({ id }) => id === 'site');
  expect(site).toMatchObject({ name: 'bought', hosts: ['www.example.org'] });
  expect(site && isNeeded(site, new Map())).toBe(false);
  expect(site?.make).toBeUndefined();
});

test('fails when the issuer has no name', () => {
  expect(() => configOf({ tls: { certificate: { source: 'cert-manager', issuer: {} } } })).toThrow(
    'tls.certificate.issuer.name: is required',
  );
});

describe('a certificate is waited for', () => {
  const status = (generation: number, ...conditions: object[]) =>
    whyNotIssued({ metadata: { generation }, status: { conditions: conditions as never[] } });

  test('until it is issued as it is asked for now', () => {
    const ready = { type: 'Ready', status: 'True', observedGeneration: 1, message: 'up to date' };
    expect(status(1, ready)).toBeUndefined();
    expect(status(2, ready)).toBe('Ready: up to date');
  });

  test('and what cert-manager says meanwhile is reported', () => {
    expect(
      status(
        1,
        { type: 'Ready', status: 'False', message: 'Issuing certificate' },
        { type: 'Issuing', status: 'True', message: 'Issuer not found' },
      ),
    ).toBe('Ready: Issuing certificate; Issuing: Issuer not found');
    expect(whyNotIssued({ metadata: {} })).toMatch('cert-manager has said nothing of it');
  });
});

test.each([
  ['solves HTTP-01 alone', { acme: { solvers: [{ http01: {} }] } }, /^solves HTTP-01 alone, .* DNS-01/],
  ['has a solver for DNS-01 beside it', { acme: { solvers: [{ http01: {} }, { dns01: {} }] } }, undefined],
  ['solves DNS-01', { acme: { solvers: [{ dns01: {} }] } }, undefined],
  ['names no solver yet', { acme: {} }, undefined],
  ['is no ACME issuer', {}, undefined],
])('an issuer that %s', (_, spec, why) => {
  const said = whyNeverIssued({ spec });
  if (why) expect(said).toMatch(why);
  else expect(said).toBeUndefined();
});
