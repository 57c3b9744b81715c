import { command } from './command';

const USAGE = `usage: npm run whiteboard -- ENVIRONMENT [--out FOLDER]

Draws the whiteboard from the manifests in dist/ENVIRONMENT, as SVG and as Mermaid; for production it writes the flow
table as well, and the files are those that the documentation shows.

--out  folder of the files (default docs)

exit code: 0 done, 2 the input is wrong`;

await command({ text: USAGE, options: { out: { type: 'string', default: 'docs' } } }, async ([name], { out }) => {
  const { draw } = await import('./whiteboard/draw');
  draw(name, out);
});
