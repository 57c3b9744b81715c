import type { Page } from 'playwright-core';
import { beside, rowsOf } from '../support/apps/beside';
import { withAppImage } from '../support/apps/images';
import { person } from '../support/apps/person';
import { LOSSES, lose, lossRow } from '../support/apps/primary';
import { hashesOf, hashOf, upload } from '../support/apps/replicas';
import { deleteAndRestore } from '../support/apps/restore';
import { AppTrial, duringTests, example } from '../support/apps/trial';

const USER = { name: 'Ada', email: 'ada@example.org', password: `Trial-${crypto.randomUUID()}` };
const CONTENT = '/var/lib/ghost/content';
/**
 * Ghost's own: its admin pages ask who they are before anybody has logged in, and log each refusal; ActivityPub is another service.
 */
const ALONE = [
  /status of 403 .*\/ghost\/api\/admin\//,
  /You are not authorised to make this request/,
  /status of 404 .*\/\.ghost\/activitypub\//,
];

let trial: AppTrial;

withAppImage('ghost', () => {
  const rows = duringTests(async () => {
    trial = await AppTrial.start('ghost', example('ghost'));
    return trial;
  });

  async function login(page: Page): Promise<void> {
    await page.goto(`${trial.origin}/ghost/#/signin`);
    await page.locator('input[name=identification]').fill(USER.email);
    await page.locator('input[name=password]').fill(USER.password);
    await page.getByRole('button', { name: /sign in/i }).click();
    await page.locator('.gh-nav, [data-test-nav]').first().waitFor();
  }

  test('it makes its tables by itself, and its front page answers over TLS', async () => {
    const answer = await (await trial.visitor()).get('/');
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('Ghost');
  }, 60_000);

  test('a person sets it up in the browser', async () => {
    const faults = await person(
      trial,
      async (page) => {
        await page.goto(`${trial.origin}/ghost/#/setup`);
        await page.locator('[data-test-blog-title-input], input[name=blog-title]').fill('A trial');
        await page.locator('[data-test-name-input], input[name=name]').fill(USER.name);
        await page.locator('[data-test-email-input], input[name=email]').fill(USER.email);
        await page.locator('[data-test-password-input], input[name=password]').fill(USER.password);
        await page.getByRole('button', { name: /create account/i }).click();
        await page.waitForURL(/ghost\/#\/(?!setup$)/);
      },
      ALONE,
    );
    expect(faults).toEqual([]);
  }, 240_000);

  test('a person logs in, writes a post, publishes it and reads it', async () => {
    const title = `Written in a browser ${Date.now()}`;
    const faults = await person(
      trial,
      async (page) => {
        await login(page);
        await page.goto(`${trial.origin}/ghost/#/editor/post`);
        await page.locator('[data-test-editor-title-input]').fill(title);
        await page.keyboard.press('Enter');
        await page.keyboard.type('Some text.');
        await page.locator('[data-test-button=publish-flow]').first().click();
        await page.locator('[data-test-button=continue]').click();
        await page.locator('[data-test-button=confirm-publish]').click();
        await page
          .getByText(/published/i)
          .first()
          .waitFor();
        await page.goto(`${trial.origin}/`);
        await page.getByRole('link', { name: title }).first().waitFor();
      },
      ALONE,
    );
    expect(faults).toEqual([]);
  }, 300_000);

  test('an upload of 20 MB arrives whole', async () => {
    const file = upload('trial.pdf', 'application/pdf', Buffer.from('%PDF-1.7\n'));
    await person(trial, async (page) => {
      await login(page);
      const status = await page.evaluate(
        async ([name, type, base64]) => {
          const bytes = Uint8Array.from(atob(base64 ?? ''), (c) => c.charCodeAt(0));
          const form = new FormData();
          form.append('file', new File([bytes], name ?? '', { type }));
          return (await fetch('/ghost/api/admin/files/upload/', { method: 'POST', body: form })).status;
        },
        [file.name, file.mimeType, file.buffer.toString('base64')],
      );
      expect(status).toBe(201);
    });
    const [server] = await trial.pods('app');
    if (!server) throw new Error('no app server is ready');
    const path = (await trial.inPod(server, `find ${CONTENT}/files -size +19M`)).trim();
    expect(Object.values(await hashesOf(trial, { app: path }))).toEqual([hashOf(file.buffer)]);
  }, 240_000);

  test('a page by the whole way beside the app asked directly: no request fails', async () => {
    const ways = await beside(trial, '/');
    rows.push(...rowsOf(ways));
    expect([...ways.directly, ...ways.visitor].map(({ failed }) => failed)).toEqual([0, 0, 0, 0, 0, 0]);
  }, 240_000);

  test.each(LOSSES)(
    'after the primary is lost (%s) it goes on by itself',
    async (how, strike) => {
      const loss = await lose(trial, '/', [how, strike]);
      rows.push(lossRow(loss));
      const { body } = await (await trial.visitor()).get('/');
      expect(body).toContain('Written in a browser');
    },
    600_000,
  );

  test('its database is deleted and restored: what was written is there', async () => {
    rows.push(await deleteAndRestore(trial));
    expect((await (await trial.visitor()).get('/')).body).toContain('Written in a browser');
  }, 1_500_000);
});
