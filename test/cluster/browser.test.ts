import { createHash, X509Certificate } from 'node:crypto';
import { chromium } from 'playwright-core';
import { config, secretValue } from './support/kubectl';
import { Visitor } from './support/visitor';

/** Path of a Chromium; Debian's by default. */
const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';

test('a person posts a message in a browser and sees it, without an error of console or content security policy', async () => {
  const visitor = await Visitor.arrive();
  // trusts this one certificate, and no other: HTTPS errors are not ignored
  const certificate = new X509Certificate(await secretValue(config.name, config.secrets.siteTls, 'tls.crt'));
  const pin = createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
  const browser = await chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      `--host-resolver-rules=MAP ${config.domain} ${visitor.address}`,
      `--ignore-certificate-errors-spki-list=${pin}`,
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1100, height: 800 } });
    const faults: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('requestfailed', (request) => faults.push(`${request.url()}: ${request.failure()?.errorText}`));

    await page.goto(`https://${config.domain}/`);
    const text = `Hello from a browser, ${new Date().toISOString()}`;
    await page.getByRole('textbox').fill(text);
    await page.getByRole('button', { name: /post|send/i }).click();
    await page.getByText(text).waitFor({ timeout: 15_000 });
    if (process.env.THREEWALL_SCREENSHOT) await page.screenshot({ path: process.env.THREEWALL_SCREENSHOT });

    await page.reload();
    await page.getByText(text).waitFor({ timeout: 15_000 });
    expect(faults).toEqual([]);
  } finally {
    await browser.close();
  }
}, 90_000);
