import { App } from 'cdk8s';
import { codeVolume } from '../../charts/code';
import { parseConfig } from '../../config';
import { STUB_SITE } from '../support/manifests';

const code = (yaml: string, site = STUB_SITE) => {
  const app = new App();
  const volume = codeVolume(app, parseConfig(`domain: www.example.org\n${yaml}`, 'test.yaml'), site)?.volume;
  return { volume, charts: app.charts };
};

/** ConfigMaps of the volume, each with the files that it brings. */
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
