import { command, seconds } from './command';

const USAGE = `usage: npm run bench -- ENVIRONMENT [--seconds 2] [--connections 16] [--rounds 3] [--web-cpu 100m] [--keep]

Brings up a copy of the environment (namespace NAME-bench, limits for one client lifted), asks for a static file and for
/whoami through the whole path, straight at one web server and straight at one app server, and removes the copy: over
kept connections of HTTP/1.1 and of HTTP/2, over a new connection for each request, and at a fixed rate. Takes about 8
minutes. One run compares; results of different runs and machines are not comparable.

--seconds      length of each measurement (default 2)
--connections  requests at a time at full load: kept connections of HTTP/1.1, a fourth as many of HTTP/2 with four
               streams each, or new connections (default 16)
--rounds       measurements of each kind, taken in turns; at the fixed rate five times as many. The median counts, and
               what is compared is compared within a round (default 3)
--web-cpu      CPU that a single web server is held to in the last table, so that what is compared there is what a web
               server can do and not what is left of a machine that all tiers and the load share (default 100m)
--keep         leave the copy for a further run

exit code: 0 measured, 1 the cluster has trouble, 2 the input is wrong`;

const options = {
  seconds: { type: 'string', default: '2' },
  connections: { type: 'string', default: '16' },
  rounds: { type: 'string', default: '3' },
  'web-cpu': { type: 'string', default: '100m' },
  keep: { type: 'boolean', default: false },
} as const;

await command({ text: USAGE, options }, async ([name], values) => {
  const { bench, count, millicores } = await import('./bench/bench');
  await bench(name, {
    seconds: seconds(values.seconds, '--seconds'),
    connections: count(values.connections, '--connections'),
    rounds: count(values.rounds, '--rounds'),
    webCpu: millicores(values['web-cpu']),
    keep: values.keep,
  });
});
