import { createHash, X509Certificate } from 'node:crypto';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Config } from '../../../config';
import { config, secretValue } from './kubectl';
import type { Visitor } from './visitor';

/** Path of a Chromium; Debian's by default. */
const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';

/**
 * A Chromium that finds the site at the visitor's address and trusts its one certificate, and no other: HTTPS errors are not
 * ignored.
 * @param site another one than that of the environment under test
 */
export async function openBrowser(
  visitor: Visitor,
  site: Pick<Config, 'name' | 'domain' | 'secrets'> = config,
): Promise<Browser> {
  const certificate = new X509Certificate(await secretValue(site.name, site.secrets.siteTls, 'tls.crt'));
  const pin = createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      `--host-resolver-rules=MAP ${site.domain} ${visitor.address}`,
      `--ignore-certificate-errors-spki-list=${pin}`,
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Collects what a page complains about: errors and warnings of its console, exceptions, requests that failed. */
export function faultsOf(page: Page): string[] {
  const faults: string[] = [];
  page.on('console', (message) => {
    const { url } = message.location();
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`${message.text()} (${url})`);
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('requestfailed', (request) => faults.push(`${request.url()}: ${request.failure()?.errorText}`));
  return faults;
}
