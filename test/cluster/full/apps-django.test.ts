import type { Page } from 'playwright-core';
import { beside, rowsOf } from '../support/apps/beside';
import { withAppImage } from '../support/apps/images';
import { person } from '../support/apps/person';
import { LOSSES, lose, lossRow } from '../support/apps/primary';
import { hashesOf, hashOf, upload } from '../support/apps/replicas';
import { deleteAndRestore } from '../support/apps/restore';
import { otherName, restart, rowOf, under } from '../support/apps/rolls';
import { AppTrial, duringTests, example, runAcceptance } from '../support/apps/trial';
import { eventually } from '../support/eventually';
import type { Pod } from '../support/kubectl';

const USER = { name: 'admin', password: `Trial-${crypto.randomUUID()}` };
const MEDIA = '/app/media';
/** Wagtail's own: its site has no icon, and its panels ask for the newest version in the internet. */
const ALONE = [/status of 404 .*favicon\.ico/, /Error fetching https:\/\/releases\.wagtail\.org/];
/** The site's own limit of a document is 10 MB. */
const SETTINGS = 'from .production import *\nWAGTAILDOCS_MAX_UPLOAD_SIZE = 32 * 1024 * 1024\n';

let trial: AppTrial;

withAppImage('django', () => {
  const rows = duringTests(async () => {
    const own = example('django');
    own.app.schedule.publish.cron = '* * * * *';
    // a queue worker's way of living: it looks for work all the time; each look takes a start of Django
    const often = 'while :; do python manage.py publish_scheduled; sleep 20 & wait $!; done';
    own.app.workers = { publisher: { command: ['sh', '-c', often] } };
    own.app.files = { '/app/mysite/settings/trial.py': './trial.py' };
    own.app.env.DJANGO_SETTINGS_MODULE = 'mysite.settings.trial';
    trial = await AppTrial.start('django', own, { files: { 'trial.py': SETTINGS } });
    return trial;
  });

  const aServer = async (): Promise<Pod> => {
    const [first] = await trial.pods('app');
    if (!first) throw new Error('no app server is ready');
    return first;
  };
  /** Runs some Python in the app. */
  const shell = async (python: string): Promise<string> =>
    (await trial.inPod(await aServer(), `python manage.py shell -v 0 -c '${python}'`, 120)).trim();

  async function login(page: Page): Promise<void> {
    await page.goto(`${trial.origin}/admin/login/`);
    await page.locator('#id_username').fill(USER.name);
    await page.locator('#id_password').fill(USER.password);
    await page.locator('button[type=submit]').click();
    await page.waitForURL(`${trial.origin}/admin/`);
  }

  test('its release step has made the tables, and its front page answers over TLS', async () => {
    const answer = await (await trial.visitor()).get('/');
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('Welcome to your new Wagtail site!');
    const [job] = JSON.parse(
      await trial.kubectl(['get', 'jobs', '-l', 'threewall.dev/worker=release', '-o', 'json']),
    ).items;
    expect(job.status.succeeded).toBe(1);
  }, 60_000);

  test('a person logs in, writes a page, publishes it and reads it', async () => {
    const create = `DJANGO_SUPERUSER_PASSWORD=${USER.password} python manage.py createsuperuser --noinput --username ${USER.name} --email a@example.org`;
    await trial.inPod(await aServer(), create, 120);
    const title = `Written in a browser ${Date.now()}`;
    const faults = await person(
      trial,
      async (page) => {
        await login(page);
        await page.goto(`${trial.origin}/admin/pages/add/home/homepage/3/`);
        await page.locator('#id_title').fill(title);
        await page.getByRole('button', { name: 'More actions' }).last().click();
        await page.locator('[name=action-publish]').click();
        await page.getByText('created and published').waitFor();
        const slug = title.toLowerCase().replaceAll(' ', '-');
        const answer = await page.goto(`${trial.origin}/${slug}/`);
        expect(answer?.status()).toBe(200);
        expect(await page.title()).toContain(title);
      },
      ALONE,
    );
    expect(faults).toEqual([]);
  }, 240_000);

  test('an upload of 20 MB is the same on every app and web server', async () => {
    const file = upload('trial.pdf', 'application/pdf', Buffer.from('%PDF-1.7\n'));
    await person(trial, async (page) => {
      await login(page);
      await page.goto(`${trial.origin}/admin/documents/add/`);
      await page.locator('#id_title').fill('trial');
      await page.locator('#id_file').setInputFiles(file);
      await page.getByRole('button', { name: 'Upload' }).click();
      await page.waitForURL(/\/admin\/documents\/$/);
    });
    const path = (await trial.inPod(await aServer(), `find ${MEDIA} -size +19M`)).trim();
    const seen = Object.values(
      await hashesOf(trial, { app: path, web: path.replace(MEDIA, '/srv/app/volumes/media'), worker: path }),
    );
    expect(seen.length).toBe(trial.config.app.replicas + trial.config.web.replicas + 1);
    expect(new Set(seen)).toEqual(new Set([hashOf(file.buffer)]));
  }, 240_000);

  test('the worker and the schedule publish a page whose time has come', async () => {
    const later = async (slug: string): Promise<void> => {
      await shell(
        `from wagtail.models import Page; from home.models import HomePage; from django.utils import timezone; from datetime import timedelta; root=Page.objects.get(pk=3); p=HomePage(title="${slug}", slug="${slug}", live=False, go_live_at=timezone.now()+timedelta(seconds=5)); root.add_child(instance=p); p.save_revision(approved_go_live_at=p.go_live_at)`,
      );
    };
    const visitor = await trial.visitor();
    const appears = (slug: string, seconds: number) =>
      eventually(`/${slug}/ is published`, seconds, async () => (await visitor.get(`/${slug}/`)).status === 200);
    await later('by-the-worker');
    await appears('by-the-worker', 90);
    await trial.kubectl(['scale', 'deployment/worker-publisher', '--replicas=0']);
    try {
      await eventually('no worker is left', 60, async () => (await trial.pods('worker')).length === 0);
      await later('by-the-schedule');
      await appears('by-the-schedule', 180);
    } finally {
      await trial.kubectl(['scale', 'deployment/worker-publisher', '--replicas=1']);
    }
    await eventually('the worker is back', 120, async () => (await trial.pods('worker')).length === 1);
    // hourly is the example's own; each minute takes Python a second of a core
    await trial.kubectl(['patch', 'cronjob/schedule-publish', '-p', '{"spec":{"schedule":"7 * * * *"}}']);
    trial.edit(({ app }) => {
      app.schedule.publish.cron = example('django').app.schedule.publish.cron;
    });
  }, 600_000);

  test('the live firewall matrix is the one computed from its manifests, workers among them', async () => {
    const { code, output } = await runAcceptance(trial, 'test/cluster/firewall.test.ts');
    console.log(output);
    expect(output).toMatch(/^ *from .* worker/m);
    expect(code).toBe(0);
  }, 900_000);

  test('a rolling restart fails no request', async () => {
    const survived = await under(trial, await asked(), () => restart(trial));
    rows.push(rowOf('rolling restart', survived));
    expect({ ...survived.files.failed, ...survived.pages.failed }).toEqual({});
  }, 600_000);

  test('another image, with its release step, fails no request', async () => {
    const survived = await under(trial, await asked(), async () => {
      trial.edit(({ app }) => {
        app.image = otherName(app.image);
      });
      await trial.up();
    });
    rows.push(rowOf('another image', survived));
    expect({ ...survived.files.failed, ...survived.pages.failed }).toEqual({});
  }, 900_000);

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
      expect((await (await trial.visitor()).get('/by-the-worker/')).status).toBe(200);
    },
    600_000,
  );

  test('its database is deleted and restored: what was written is there', async () => {
    rows.push(await deleteAndRestore(trial));
    expect((await (await trial.visitor()).get('/by-the-worker/')).status).toBe(200);
  }, 1_500_000);

  /** A style sheet that the app itself serves, and a page. */
  async function asked(): Promise<{ file: string; page: string }> {
    const { body } = await (await trial.visitor()).get('/');
    const file = /\/static\/[^"]+\.css/.exec(body)?.[0];
    if (!file) throw new Error('the front page names no style sheet');
    return { file, page: '/' };
  }
});
