import { configFrom, faultsIn } from '../support/configs';

const faults = (yaml: string): readonly string[] => faultsIn(() => configFrom(yaml));

test.each([
  'nginx:1.30',
  'localhost/nginx:1',
  'localhost:5000/team/nginx:v1.2-rc.1_x',
  'Registry.example.org:5000/a__b/c---d.e:1',
  `nginx:latest@sha256:${'a'.repeat(64)}`,
])('an image may be %s', (image) => expect(faults(`images: { nginx: "${image}" }`)).toEqual([]));

test.each([
  'https://registry.example.org/nginx:1',
  'a//b:1',
  'a/b/:1',
  'a:1:2',
  'localhost:5000:1',
  'registry.example.org/Team/nginx:1',
  `nginx:${'1'.repeat(129)}`,
  `nginx@sha512:${'a'.repeat(128)}`,
  `nginx@sha256:${'a'.repeat(63)}`,
])('an image may not be %s', (image) => {
  expect(faults(`images: { nginx: "${image}" }`)).toEqual([expect.stringMatching(/^images\.nginx: must be an image/)]);
});

test.each(['010.244.0.0/16', '10.244.0.0/08', '10.244.00.0/16'])('a range may not be %s', (range) => {
  expect(faults(`cluster: { podCidrs: ["${range}"] }`)).toEqual([expect.stringMatching(/^cluster\.podCidrs\[0\]/)]);
});

test('a Secret of the registry that is named twice, which the API server refuses', () => {
  expect(faults('imagePullSecrets: [a, b, a]')).toEqual(['imagePullSecrets: must name each once, got ["a","b","a"]']);
});

test.each([
  ['release: [{ command: [a] }]', ['app.release[0]: must be text, got {"command":["a"]}']],
  ['release: 5', ['app.release: must be a list, got 5']],
  ['env: { A: { value: x } }', ['app.env.A.secret: is required', 'app.env.A.value: unknown setting']],
  ['env: { A: [1] }', ['app.env.A: must be text or a number or true or false or a group of settings, got [1]']],
])('of settings that may be several kinds, what is meant is named: %s', (yaml, starts) => {
  expect(faults(`app: { image: "a:1", ${yaml} }`)).toEqual(starts.map((start) => expect.stringContaining(start)));
});
