import { readFileSync } from 'node:fs';
import { sources, undocumented } from './sources';

test('every exported symbol has a doc comment', () => {
  expect(sources().flatMap((file) => undocumented(file, readFileSync(file, 'utf8')))).toEqual([]);
});

test.each([
  ['a constant', 'export const port = 1;', 'port'],
  ['several at once', 'export const a = 1, b = 2;', 'a', 'b'],
  ['a function', 'export async function run() {}', 'run'],
  ['a type', 'export type Port = number;', 'Port'],
  ['an interface', 'export interface Port {}', 'Port'],
  ['a class', 'export abstract class Chart {}', 'Chart'],
  ['an enumeration', 'export enum Kind { A }', 'Kind'],
  ['a default', 'export default class {}', 'default'],
  ['what only a line comment explains', '// a port\nexport const port = 1;', 'port'],
  ['what comes after another that is explained', '/** A. */\nexport const a = 1;\nexport const b = 2;', 'b'],
])('fails on %s without one', (_, text, ...names) => {
  const found = undocumented('a.ts', text).map((line) => line.replace(/^a\.ts:\d+: /, ''));
  expect(found).toEqual(names);
});

test.each([
  ['what is explained', '/** A port. */\nexport const port = 1;'],
  ['what is not exported', 'const port = 1;'],
  ['what is explained where it comes from', "export { port } from './port';"],
])('leaves %s alone', (_, text) => {
  expect(undocumented('a.ts', text)).toEqual([]);
});
