#!/usr/bin/env node
import { command, typedAs, UsageError } from './command';

/** What `threewall` can do: the doors beside this file, which the scripts of package.json open too. */
const COMMANDS: Readonly<Record<string, readonly [open: () => Promise<unknown>, says: string]>> = {
  init: [() => import('./init'), 'writes a repository for a site of your own'],
  up: [() => import('./up'), 'brings an environment up, and waits until every tier is ready'],
  down: [() => import('./down'), 'takes an environment away; volumes and Secrets stay'],
  status: [() => import('./status'), 'shows tiers, requests, errors, lag, backups and alerts'],
  secrets: [() => import('./secrets'), 'creates missing Secrets and checks the others'],
  restore: [() => import('./restore'), 'brings the database back to a time'],
  import: [() => import('./import'), "brings a dump or a running server into the site's database"],
  'firewall-diff': [() => import('./firewall-diff'), 'lists connections that a change opens or closes'],
  whiteboard: [() => import('./whiteboard'), 'draws an environment from its manifests'],
  monitors: [() => import('./monitors'), 'prints the alerts as monitors of Sumo Logic'],
  gitops: [() => import('./gitops'), 'writes what Argo CD and Flux need'],
  detect: [() => import('./detect'), 'prints the section `cluster:` for the cluster at hand'],
  completion: [() => import('./completion'), 'prints completion for bash or zsh'],
};

const USAGE = `usage: threewall COMMAND [--help]

${Object.entries(COMMANDS)
  .map(([name, [, says]]) => `${name.padEnd(14)} ${says}`)
  .join('\n')}

Environments are the files of config/ in the present folder. Nothing is printed in colour, with or without NO_COLOR.
exit code: 0 done, 1 the cluster has trouble or a check fails, 2 the input is wrong`;

async function help(word: string): Promise<string> {
  const { nearest } = await import('../config/nearest');
  const near = nearest(word, Object.keys(COMMANDS));
  return near ? `, did you mean "${near}"?` : '';
}

// who is used to `npm run up -- ENV` may write `npx threewall -- up ENV`
if (process.argv[2] === '--') process.argv.splice(2, 1);
const [name = '', ...rest] = process.argv.slice(2);
const chosen = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (chosen) {
  typedAs('threewall');
  process.argv.splice(2, process.argv.length, ...rest);
  await chosen[0]();
} else {
  const options = { version: { type: 'boolean', default: false } } as const;
  await command({ text: USAGE, words: [0, Number.POSITIVE_INFINITY], options }, async ([word], { version: asked }) => {
    if (word !== undefined) throw new UsageError(`unknown command "${word}"${await help(word)}\n${USAGE}`);
    if (!asked) throw new UsageError(`name a command\n${USAGE}`);
    const { version } = await import('./version');
    console.log(version());
  });
}
