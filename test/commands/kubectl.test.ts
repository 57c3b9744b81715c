import type { ExecFileOptions } from 'node:child_process';
import { list, serverVersion } from '../../commands/cluster/kubectl';

let answer = '';
jest.mock('node:child_process', () => ({
  // in the place of kubectl, a program that prints the answer
  execFile: (_: string, __: string[], options: ExecFileOptions, done: () => void) =>
    jest.requireActual('node:child_process').execFile('printf', ['%s', answer], options, done),
}));

test.each(['<html>log in</html>', 'using context a\n{"items": []}'])(
  'an answer that is no JSON is shown: %s',
  async (text) => {
    answer = text;
    await expect(list('pods', 'shop')).rejects.toThrow(
      `kubectl get pods: must answer JSON, got ${JSON.stringify(text)}; see what \`kubectl\` on PATH prints`,
    );
    await expect(serverVersion()).rejects.toThrow(/^kubectl version: must answer JSON/);
  },
);

test('JSON is read', async () => {
  answer = '\n{"items": [1]}\n';
  await expect(list('pods', 'shop')).resolves.toEqual([1]);
});
