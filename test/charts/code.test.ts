import { App, type Chart } from 'cdk8s';
import { codeVolume } from '../../charts/code';
import { configFrom } from '../support/configs';
import { STUB_SITE } from '../support/manifests';

const code = (yaml: string, site = STUB_SITE) => {
  const app = new App();
  const volume = codeVolume(app, configFrom(yaml), { site })?.volume;
  return { volume, charts: app.charts };
};

/** ConfigMaps of the volume, each with its files. */
const mapsOf = (volume: ReturnType<typeof code>['volume']) =>
  (volume?.projected?.sources ?? []).map(({ configMap }) => ({
    name: configMap?.name,
    paths: configMap?.items?.map(({ path }) => path),
  }));

test('the sample site is two ConfigMaps whose files lie as the server wants them', () => {
  const { volume, charts } = code('');
  expect(charts).toHaveLength(1);
  expect(mapsOf(volume).map(({ paths }) => paths)).toEqual([
    ['server.mjs', 'static/app.css', 'static/app.js'],
    ['libraries.mjs'],
  ]);
});

test('other code has another name, so the pods that mount it roll', () => {
  const other = { ...STUB_SITE, 'server.mjs': '// another server' };
  const [[before, libraries], [after, same]] = [mapsOf(code('').volume), mapsOf(code('', other).volume)];
  expect(after?.name).not.toBe(before?.name);
  expect(same).toEqual(libraries);
});

test('a claim is mounted read-only and makes no file of its own', () => {
  const { volume, charts } = code('app: { code: { source: claim, claimName: shop } }');
  expect(volume).toEqual({ name: 'code', persistentVolumeClaim: { claimName: 'shop', readOnly: true } });
  expect(charts).toEqual([]);
});

test('an OCI image is mounted as it is and makes no file of its own', () => {
  const { volume, charts } = code('app: { code: { source: image, image: "example.org/shop:1.2" } }');
  expect(volume).toEqual({ name: 'code', image: { reference: 'example.org/shop:1.2', pullPolicy: 'IfNotPresent' } });
  expect(charts).toEqual([]);
});

/** ConfigMaps of a site with these files below static/. */
const statics = (files: Record<string, Buffer>) => {
  const { volume, charts } = code('', { ...STUB_SITE, static: files });
  const [map] = (charts as Chart[]).flatMap((chart) => chart.toJson()).filter(({ kind }) => kind === 'ConfigMap');
  return { map, items: volume?.projected?.sources?.[0]?.configMap?.items ?? [] };
};

test('a picture keeps its bytes, and a file its folder', () => {
  const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff]);
  const { map, items } = statics({
    'icons/logo.png': picture,
    'icons.logo.png': picture,
    'ö ä.txt': Buffer.from('text'),
  });
  expect(items.map(({ path }) => path)).toEqual([
    'server.mjs',
    'static/icons/logo.png',
    'static/icons.logo.png',
    'static/ö ä.txt',
  ]);
  const held = { ...map.data, ...map.binaryData };
  for (const { key } of items) {
    expect(key).toMatch(/^[-._A-Za-z0-9]+$/);
    expect(held).toHaveProperty([key]);
  }
  expect(new Set(items.map(({ key }) => key)).size).toBe(4);
  expect(Object.values(map.binaryData)).toEqual([picture.toString('base64'), picture.toString('base64')]);
});

test.each([
  ['text', Buffer.from('grün\n'), true],
  ['what is no UTF-8', Buffer.from([0xff, 0xfe]), false],
  ['a mark of the byte order', Buffer.from([0xef, 0xbb, 0xbf, 0x61]), false],
  ['a NUL byte', Buffer.from([0x61, 0, 0x62]), false],
])('%s comes back byte for byte', (_, bytes, text) => {
  const { map } = statics({ file: bytes });
  const given = text ? Buffer.from(map.data['static.file']) : Buffer.from(map.binaryData['static.file'], 'base64');
  expect(given.equals(bytes)).toBe(true);
});

test('fails for more than a ConfigMap holds, and says what to use instead', () => {
  expect(() => statics({ 'small.png': Buffer.alloc(10, 255), 'film.mp4': Buffer.alloc(2_000_000, 255) })).toThrow(
    /ConfigMap code: 1 fault\n {2}must have at most 260096 bytes, got \d+ \(largest: static\/film\.mp4 \d+, .*\); large files fit into an image or a claim: app\.code\.source/,
  );
});
