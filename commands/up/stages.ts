import { basename } from 'node:path';

/** Files that must be done before what comes after them: release steps, and web servers that serve files of the app's image. */
const GATES = ['25-release.yaml', '27-web.yaml'];

/** The files of manifests in the stages in which they are applied; each stage but the last ends with a file that is waited for. */
export function stagesOf(files: readonly string[]): string[][] {
  const stages: string[][] = [[]];
  for (const file of files) {
    stages.at(-1)?.push(file);
    if (GATES.includes(basename(file))) stages.push([]);
  }
  return stages.filter((stage) => stage.length > 0);
}
