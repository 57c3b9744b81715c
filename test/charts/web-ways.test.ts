import { requestsAtOnce, spooledBytes } from '../../charts/web/connections';
import { bytes } from '../../config/fields';
import { configFrom } from '../support/configs';
import { conf, location, object } from '../support/web';

describe('what is spooled', () => {
  const spooling = (storage: string) =>
    `web: { resources: { limits: { cpu: '1', memory: 192Mi, ephemeral-storage: ${storage} } } }`;

  test.each(['64Mi', '128Mi', '256Mi', '1Gi', '2Gi', '100Gi'])(
    'fits into a limit of %s, were all requests slow',
    (storage) => {
      const chosen = configFrom(spooling(storage));
      const { volumes } = object('Deployment', spooling(storage)).spec.template.spec;
      const { sizeLimit } = volumes.find(({ name }: { name: string }) => name === 'tmp').emptyDir;
      expect(2 * requestsAtOnce(chosen) * spooledBytes(chosen)).toBeLessThanOrEqual(bytes(sizeLimit));
      expect(bytes(sizeLimit) + 64 * 2 ** 20).toBeLessThanOrEqual(Math.max(bytes(storage), 80 * 2 ** 20));
    },
  );

  test.each([
    ['64Mi', undefined, 0],
    ['256Mi', 80_000, 80_000],
    ['2Gi', 900_000, 900_000],
    ['100Gi', 1_000_000, 1_000_000],
  ])('with %s are bodies of at most %s bytes, and as much of an answer', (storage, most, answer) => {
    const text = conf(spooling(storage));
    const pattern = /"~\\\|(\(.*\)\$)" spooled;/.exec(text)?.[1];
    expect(text).toMatch(`proxy_max_temp_file_size ${answer};`);
    expect(pattern === undefined).toBe(most === undefined);
    if (!pattern || !most) return;
    const isSpooled = (length: number | string) => new RegExp(`^${pattern}`).test(String(length));
    expect([1, 9, 10, 12345, most - 1, most].map(isSpooled)).toEqual([true, true, true, true, true, true]);
    expect(['', 0, most + 1, most * 10, 2 ** 31].map(isSpooled)).toEqual([false, false, false, false, false]);
  });

  test('a body of any other length is passed on as it arrives', () => {
    expect(location('location /')).toMatch('proxy_request_buffering off;');
    expect(location('location @spooled')).not.toMatch('proxy_request_buffering');
    expect(conf('limits: { bodySize: 2Gi }')).toMatch(`client_max_body_size ${2 * 2 ** 30};`);
  });
});

test('an event stream waits for no buffer', () => {
  expect(conf()).toMatch('"~*^[^|]*text/event-stream" streamed;');
  expect(location('location @streamed')).toMatch('proxy_buffering off;');
  expect(conf()).not.toMatch('proxy_ignore_headers');
});

test('a request that changed its way still gets the page of an error', () => {
  expect(conf()).toMatch('recursive_error_pages on;');
});

test('WebSocket passes, another protocol does not', () => {
  expect(conf()).toMatch('"~*^websocket$" websocket;');
  expect(conf()).toMatch('proxy_set_header Upgrade $app_upgrade;');
  expect(conf()).toMatch('proxy_set_header Connection $app_connection;');
});

test.each([
  ['16Ki', 16384, '8 4096'],
  ['4Ki', 4096, '8 4096'],
  ['64Ki', 65536, '17 4096'],
])('the header of an answer may have %s', (size, header, buffers) => {
  const text = conf(`limits: { answerHeaderSize: ${size} }`);
  expect(text).toMatch(`proxy_buffer_size ${header};`);
  expect(text).toMatch(`proxy_buffers ${buffers};`);
});

test('fails for a header of an answer that no buffer holds', () => {
  expect(() => configFrom('limits: { answerHeaderSize: 1Mi }')).toThrow(
    'limits.answerHeaderSize: must be 4Ki to 256Ki',
  );
});

describe('error pages', () => {
  test('are there for every status that leads to one, in both forms, and name no version', () => {
    const { data } = object('ConfigMap');
    const led = [...conf().matchAll(/error_page .* \/error-pages\/(\d+)\.\$error_form;/g)].map(([, status]) => status);
    expect(new Set(led)).toEqual(new Set(['400', '403', '404', '405', '413', '414', '429', '431', '500', '503']));
    for (const status of led) {
      expect(data[`${status}.html`]).toMatch('<link rel="stylesheet" href="/static/app.css">');
      expect(JSON.parse(data[`${status}.json`])).toEqual({ error: expect.any(String) });
      expect(data[`${status}.html`]).not.toMatch(/nginx|<script|style=/);
    }
  });

  test('only the page of a site that is down tries again by itself', () => {
    const { data } = object('ConfigMap');
    expect(data['503.html']).toMatch('http-equiv="refresh"');
    expect(data['404.html']).not.toMatch('http-equiv="refresh"');
  });
});

describe('the micro-cache', () => {
  const CACHE = 'web: { microCache: { seconds: 2, size: 8Mi } }';

  test('is off unless it is asked for', () => {
    expect(conf()).not.toMatch('proxy_cache');
    expect(JSON.stringify(object('Deployment'))).not.toMatch('micro-cache');
  });

  test('keeps nothing of a request that says who asks, and nothing of unknown size', () => {
    const text = conf(CACHE);
    expect(text).toMatch('map "$http_cookie$http_authorization$app_upgrade" $personal {');
    expect(text).toMatch('proxy_cache_bypass $personal;');
    expect(text).toMatch('proxy_no_cache $personal $unkept;');
    expect(text).toMatch('proxy_cache_key $host$request_uri;');
    expect(text).toMatch('proxy_cache_valid 200 301 404 2s;');
    expect(text).not.toMatch('proxy_ignore_headers');
  });

  test('lies in memory, of which nginx fills one half', () => {
    const { volumes } = object('Deployment', CACHE).spec.template.spec;
    expect(volumes).toContainEqual({ name: 'micro-cache', emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } });
    expect(conf(CACHE)).toMatch(`max_size=${4 * 2 ** 20} `);
  });

  test('fails when it takes more than half of the memory limit', () => {
    expect(() => conf('web: { microCache: { size: 100Mi } }')).toThrow(
      'web.microCache.size: must be at most half of web.resources.limits.memory (192Mi), got "100Mi"; raise the limit as well',
    );
  });
});
