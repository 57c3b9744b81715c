import { faultsOf, openBrowser } from './support/browser';
import { config } from './support/kubectl';
import { Visitor } from './support/visitor';

test('a person posts a message in a browser and sees it, without an error of console or content security policy', async () => {
  const browser = await openBrowser(await Visitor.arrive());
  try {
    const page = await browser.newPage({ viewport: { width: 1100, height: 800 } });
    const faults = faultsOf(page);

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
