import { readFileSync } from 'node:fs';
import { withAppImage } from '../support/apps/images';
import { restart, rowOf, under } from '../support/apps/rolls';
import { AppTrial, duringTests, example } from '../support/apps/trial';

const PROGRAM = readFileSync('test/cluster/support/apps/php/index.php', 'utf8');
const STYLE = 'body { color: #123 }\n';

let trial: AppTrial;

withAppImage('php-fpm', () => {
  const rows = duringTests(async () => {
    const own = example('php-fpm');
    own.app.code = { source: 'claim' };
    own.app.root = '/srv/code/public';
    // one shared claim: the code's
    delete own.app.volumes;
    const code = {
      'public/index.php': PROGRAM,
      'public/style.css': STYLE,
      'public/tool.php': '<?php echo "tool ", $_SERVER["PATH_INFO"] ?? "";',
      'public/notes.txt': '<?php echo "run";',
      'public/.env': 'SECRET=1',
      '.env': 'SECRET=1',
      'config.php': '<?php echo "outside";',
    };
    trial = await AppTrial.start('php', own, { code });
    return trial;
  });

  const get = async (path: string) => (await trial.visitor()).get(path);

  test('its front controller answers for paths that are no files, and knows how the visitor came', async () => {
    for (const path of ['/', '/a/b?c=d', '/missing.css', '/caf%C3%A9', '/index.php/x']) {
      const answer = await get(path);
      expect([path, answer.status]).toEqual([path, 200]);
      const { uri, script, query, https, host, address } = JSON.parse(answer.body);
      expect({ uri, script, https, host, address }).toEqual({
        uri: path,
        script: '/index.php',
        https: 'on',
        host: trial.config.domain,
        address: answer.localAddress,
      });
      expect(query).toEqual(path.includes('?') ? { c: 'd' } : []);
    }
  }, 120_000);

  test('what is written is there for every server', async () => {
    const visitor = await trial.visitor();
    const note = `"written" & read ${Date.now()}`;
    expect((await visitor.post('/', note)).status).toBe(200);
    for (let n = 0; n < 6; n++) {
      expect(JSON.parse((await visitor.get('/')).body).notes).toContain(JSON.stringify(note));
    }
  }, 60_000);

  test('files come from the web server as they are, and no source of a program', async () => {
    const style = await get('/style.css');
    expect([style.status, style.body, style.headers['content-type']]).toEqual([200, STYLE, 'text/css']);
    expect((await get('/tool.php')).body).toBe('tool ');
    expect((await get('/notes.txt')).body).toBe('<?php echo "run";');
    // never another file's bytes: not by path info, dots, a null byte, or what lies beside the root
    for (const path of [
      '/notes.txt/x.php',
      '/style.css/.php',
      '/../config.php',
      '/%2e%2e/config.php',
      '/.env',
      '/tool.php%00.css',
      '/tool.PHP',
    ]) {
      const { status, body } = await get(path);
      expect([path, status, body]).not.toEqual([path, 200, expect.stringMatching(/<\?php|SECRET|run|outside/)]);
    }
  }, 60_000);

  test('a rolling restart fails no request', async () => {
    const survived = await under(trial, { file: '/style.css', page: '/' }, () => restart(trial));
    rows.push(rowOf('rolling restart', survived));
    expect({ ...survived.files.failed, ...survived.pages.failed }).toEqual({});
  }, 600_000);

  test('a program that unpacks itself into a volume at its start is served as well', async () => {
    const unpack = [
      'mkdir -p web',
      `printf %s '<?php echo "unpacked ", $_SERVER["REQUEST_URI"];' > web/index.php`,
      `printf %s '${STYLE}' > web/own.css`,
      'echo secret > settings.txt',
      'exec php-fpm --nodaemonize',
    ].join(' && ');
    trial.edit(({ app }) => {
      const { claimName } = app.code;
      delete app.code;
      app.command = ['sh', '-c', `cd /var/www/html && ${unpack}`];
      app.root = '/var/www/html/web';
      app.volumes = { html: { path: '/var/www/html', accessMode: 'ReadWriteMany', claimName } };
    });
    await trial.up();
    for (let n = 0; n < 6; n++) {
      const [page, style, settings] = [await get('/a/b'), await get('/own.css'), await get('/../settings.txt')];
      expect([page.status, page.body]).toEqual([200, 'unpacked /a/b']);
      expect([style.status, style.body, style.headers['content-type']]).toEqual([200, STYLE, 'text/css']);
      expect(settings.body).not.toContain('secret');
    }
  }, 600_000);
});
