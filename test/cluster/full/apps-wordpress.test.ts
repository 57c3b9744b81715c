import type { Page } from 'playwright-core';
import { beside, rowsOf } from '../support/apps/beside';
import { withAppImage } from '../support/apps/images';
import { person } from '../support/apps/person';
import { LOSSES, lose, lossRow } from '../support/apps/primary';
import { hashesOf, hashOf, upload } from '../support/apps/replicas';
import { deleteAndRestore } from '../support/apps/restore';
import { otherName, restart, rowOf, under } from '../support/apps/rolls';
import { AppTrial, duringTests, example } from '../support/apps/trial';
import { eventually } from '../support/eventually';

const USER = { name: 'admin', password: `Trial-${crypto.randomUUID()}` };
/** Static file that Apache serves, and a page that WordPress makes. */
const ASKED = { file: '/readme.html', page: '/' };
const CONTENT = '/var/www/html/wp-content';
/** WordPress's own: it has no icon until the owner chooses one, and its editor warns of its own styles. */
const ALONE = [/status of 404 .*favicon\.ico/, /added to the iframe incorrectly/];

let trial: AppTrial;

withAppImage('wordpress', () => {
  const rows = duringTests(async () => {
    trial = await AppTrial.start('wordpress', example('wordpress'));
    return trial;
  });

  /** The front page; a probe that fails while tables are made or servers change takes an app server out for seconds. */
  const frontPage = async () =>
    eventually('the front page', 30, async () => {
      const answer = await (await trial.visitor()).get('/');
      return answer.status === 200 && answer;
    });

  async function login(page: Page): Promise<void> {
    await page.goto(`${trial.origin}/wp-login.php`);
    await page.locator('#user_login').fill(USER.name);
    await page.locator('#user_pass').fill(USER.password);
    await page.locator('#wp-submit').click();
    await page.locator('#wpadminbar').waitFor();
  }

  test('is installed by its form, and its front page answers over TLS', async () => {
    const faults = await person(
      trial,
      async (page) => {
        await page.goto(`${trial.origin}/wp-admin/install.php?step=1`);
        await page.locator('#weblog_title').fill('A trial');
        await page.locator('#user_login').fill(USER.name);
        await page.locator('#pass1').fill(USER.password);
        await page.locator('#admin_email').fill('admin@example.org');
        await page.locator('#submit').click();
        await page.getByText('Success!').waitFor();
      },
      ALONE,
    );
    expect(faults).toEqual([]);
    expect((await frontPage()).body).toContain('A trial');
  }, 180_000);

  test('a person logs in, writes a post in the editor and reads it', async () => {
    const title = `Written in a browser ${Date.now()}`;
    const faults = await person(
      trial,
      async (page) => {
        await login(page);
        await page.goto(`${trial.origin}/wp-admin/post-new.php`);
        const welcome = page.getByRole('dialog').getByRole('button', { name: 'Close' });
        const editor = page.frameLocator('iframe[name="editor-canvas"]');
        const heading = editor.getByRole('textbox', { name: 'Add title' });
        await page.addLocatorHandler(welcome, () => welcome.click());
        await heading.fill(title);
        await page.getByRole('button', { name: 'Publish', exact: true }).click();
        await page.getByLabel('Editor publish').getByRole('button', { name: 'Publish', exact: true }).click();
        await page.getByText('is now live').waitFor();
        await page.goto(`${trial.origin}/`);
        await page.getByRole('link', { name: title }).first().waitFor();
      },
      ALONE,
    );
    expect(faults).toEqual([]);
  }, 240_000);

  test('an upload of 20 MB is the same on every server', async () => {
    const file = upload('trial.mp3', 'audio/mpeg', Buffer.from('ID3\x04\x00\x00\x00\x00\x00\x00', 'latin1'));
    await person(trial, async (page) => {
      await login(page);
      await page.goto(`${trial.origin}/wp-admin/media-new.php?browser-uploader`);
      await page.locator('#async-upload').setInputFiles(file);
      await page.locator('#html-upload').click();
      await page.waitForURL(/upload\.php/);
    });
    const [first] = await trial.pods('app');
    if (!first) throw new Error('no app server is ready');
    const path = (await trial.inPod(first, `find ${CONTENT}/uploads -name 'trial*.mp3'`)).trim();
    const seen = Object.values(await hashesOf(trial, { app: path }));
    expect(seen.length).toBe(trial.config.app.replicas);
    expect(new Set(seen)).toEqual(new Set([hashOf(file.buffer)]));
  }, 240_000);

  test('a rolling restart fails no request', async () => {
    const survived = await under(trial, ASKED, () => restart(trial));
    rows.push(rowOf('rolling restart', survived));
    expect({ ...survived.files.failed, ...survived.pages.failed }).toEqual({});
  }, 600_000);

  test('another image fails no request', async () => {
    const survived = await under(trial, ASKED, async () => {
      trial.edit(({ app }) => {
        app.image = otherName(app.image);
      });
      await trial.up();
    });
    rows.push(rowOf('another image', survived));
    expect({ ...survived.files.failed, ...survived.pages.failed }).toEqual({});
  }, 600_000);

  test('a page by the whole way beside the app asked directly: no request fails', async () => {
    const ways = await beside(trial, ASKED.page);
    rows.push(...rowsOf(ways));
    expect([...ways.directly, ...ways.visitor].map(({ failed }) => failed)).toEqual([0, 0, 0, 0, 0, 0]);
  }, 240_000);

  test.each(LOSSES)(
    'after the primary is lost (%s) it goes on by itself',
    async (how, strike) => {
      const loss = await lose(trial, ASKED.page, [how, strike]);
      rows.push(lossRow(loss));
      expect((await frontPage()).body).toContain('Written in a browser');
    },
    600_000,
  );

  test('its database is deleted and restored: what was written is there', async () => {
    rows.push(await deleteAndRestore(trial));
    expect((await (await trial.visitor()).get('/')).body).toContain('Written in a browser');
  }, 1_500_000);
});
