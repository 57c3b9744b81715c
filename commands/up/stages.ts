import { basename } from 'node:path';

/**
 * Files that must be complete before later ones are applied: release steps, and web servers with files of the app's
 * image.
 */
const GATES = ['25-release.yaml', '27-web.yaml'];

/** The files of manifests in stages; each stage but the last ends with a file to wait for. */
export function stagesOf(files: readonly string[]): string[][] {
  const stages: string[][] = [[]];
  for (const file of files) {
    stages.at(-1)?.push(file);
    if (GATES.includes(basename(file))) stages.push([]);
  }
  return stages.filter((stage) => stage.length > 0);
}
