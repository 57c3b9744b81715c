import { command } from './command';

const USAGE = `usage: npm run -s monitors -- ENV

Prints the alerts of an environment as monitors of Sumo Logic, a folder in the format of its export (Monitors > Add >
Import). What a monitor cannot ask is named on stderr with the reason.`;

await command({ text: USAGE }, async ([name]) => {
  const { printMonitors } = await import('./monitors/print');
  printMonitors(name);
});
