import type { Page } from 'playwright-core';
import { faultsOf, openBrowser } from '../browser';
import type { AppTrial } from './trial';

/** What a browser complains about wherever it is: other sites that it does not reach, and requests that it gave up when it left a page. */
const NOT_OURS = [/net::ERR_NAME_NOT_RESOLVED/, /net::ERR_ABORTED/];

/**
 * Lets a person use the site in a browser that has no session yet.
 * @param alone what the app's own pages complain about without walls around it, too
 * @returns what the pages complained about beside that
 */
export async function person(
  trial: AppTrial,
  use: (page: Page) => Promise<void>,
  alone: readonly RegExp[] = [],
): Promise<string[]> {
  const browser = await openBrowser(await trial.visitor(), trial.config);
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    // pages of an editor are large, and the machine may be busy
    page.setDefaultTimeout(60_000);
    const faults = faultsOf(page);
    await use(page).catch(async (error) => {
      const text = await page.locator('body').ariaSnapshot();
      throw new Error(`${error}\nat ${page.url()}, where a person reads: ${text.slice(0, 2000)}`);
    });
    return faults.filter((fault) => ![...NOT_OURS, ...alone].some((known) => known.test(fault)));
  } finally {
    await browser.close();
  }
}
