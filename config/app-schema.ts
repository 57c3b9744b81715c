import * as z from 'zod';
import {
  appFiles,
  appPort,
  containerPath,
  environment,
  keep,
  plainPath,
  urlFolder,
  urlPath,
  volumes,
  words,
  writable,
} from './app-fields';
import { cron, timeZone } from './cron';
import { imageReference } from './fields';
import { dnsLabel } from './kubernetes-names';
import { placement, pods } from './placement-schema';
import { autoscaling, code, replicas, resources, seconds } from './tier-schema';

const health = z
  .union([
    urlPath,
    z.strictObject({
      ready: urlPath
        .optional()
        .describe('asked to learn whether requests may come; left out: whether the port is open'),
      live: urlPath
        .optional()
        .describe(
          'asked to learn whether to start the container again: must not depend on the database; left out: never',
        ),
      port: appPort.optional().describe('port that answers both, where it is another than `port`'),
    }),
  ])
  .optional()
  .describe(
    "path that answers 200 when requests may come, or {ready, live, port}; asked with the site's Host and X-Forwarded-Proto: https; left out: whether the port is open",
  );

/** Program of a container that is not the server. */
const program = {
  command: words.optional().describe("program and arguments in place of the image's entry point; no shell reads them"),
  args: words.optional().describe("arguments in place of the image's own, for its entry point"),
  resources: resources('50m', '96Mi', '1', '256Mi')
    .unwrap()
    .optional()
    .describe('as `resources`; those of the app when left out'),
};

const workers = z
  .record(
    dnsLabel.max(40),
    z.strictObject({
      ...program,
      replicas: z.number().int().min(0).max(50).default(1).describe('number of pods, 0 to 50'),
      stopSeconds: seconds.max(3600).default(30).describe('time that a job gets to end before its pod is killed'),
    }),
  )
  .default({})
  .describe('processes beside the servers, of the same image: queue workers and the like; nothing may connect to them');

const schedule = z
  .record(
    dnsLabel.max(40),
    z.strictObject({
      ...program,
      cron: cron.describe('when, in the words of cron: minute, hour, day of the month, month, day of the week'),
      timeZone: timeZone.default('Etc/UTC').describe('time zone of `cron`'),
      seconds: seconds.max(86_400).default(3600).describe('longest time of a run; one that takes longer is ended'),
    }),
  )
  .default({})
  .describe('programs of the same image that run at certain times, one run at a time');

const release = z
  .union([words.transform((step) => [step]), z.array(words).min(1)])
  .optional()
  .describe(
    'run once for each new version, before any of its pods: one step (a list of words) or several in order (a list of lists); where one fails the earlier version goes on',
  );

/** The app tier: a container image of yours, or the sample site. */
export const app = z
  .strictObject({
    image: imageReference
      .optional()
      .describe('image of the app; left out: `images.node` runs server.mjs of the code volume'),
    command: program.command,
    args: program.args,
    port: appPort.default(8080).describe('port that the app listens on, on every address'),
    protocol: z
      .enum(['http', 'fastcgi'])
      .default('http')
      .describe('what the port speaks; `fastcgi` is PHP-FPM and the like'),
    root: containerPath
      .optional()
      .describe(
        'fastcgi: folder of the index file, below /srv/code (the code volume), in one of `volumes` or of the image; web servers serve the other files in it',
      ),
    index: z
      .string()
      .regex(/^[A-Za-z0-9._-]+\.[A-Za-z0-9]+$/, 'must be the name of a file, like "index.php"')
      .optional()
      .describe('fastcgi: file that answers every path that is no file; `index.php` when left out'),
    health,
    startSeconds: seconds.max(3600).default(60).describe('longest time from start to the first answer of its health'),
    timeoutSeconds: seconds
      .max(3600)
      .default(30)
      .describe(
        'longest pause in an answer, of WebSockets and event streams too; load balancers, web servers and grace periods follow',
      ),
    keepAliveSeconds: seconds
      .max(3600)
      .optional()
      .describe(
        "longest idle time of a connection between web servers and the app, less than the app's own: the app must not close first, or a POST meets a closing connection and fails (gunicorn's is 2, that of Node and Apache 5); 1 for an image and 60 for the sample site when left out",
      ),
    user: z
      .number()
      .int()
      .min(1)
      .max(4_294_967_294)
      .optional()
      .describe("uid and gid of the app's processes, never 0; 10103 when left out"),
    env: environment,
    files: appFiles,
    writable,
    volumes,
    static: z
      .record(urlFolder, containerPath)
      .default({})
      .describe(
        'paths of the site that web servers serve themselves, each from a folder of the image, of the code volume or of one of `volumes`',
      ),
    keep,
    release,
    releaseSeconds: seconds.max(86_400).default(1800).describe('longest time of all `release` steps together'),
    workers,
    schedule,
    peers: z
      .array(appPort)
      .default([])
      .describe('TCP ports that app pods open among themselves; they find each other by the name in PEERS_HOST'),
    metrics: z
      .strictObject({ port: appPort, path: plainPath.default('/metrics') })
      .optional()
      .describe("where it offers metrics in Prometheus' format; the sample site has some, an image none when left out"),
    connections: z
      .number()
      .int()
      .min(1)
      .max(2000)
      .default(10)
      .describe(
        'most connections of one pod to the databases: all that an image opens, and those of each of the two pools of server.mjs; DATABASE_CONNECTIONS says it to the app',
      ),
    replicas: replicas(1, 50, 2),
    autoscaling: autoscaling(1, 50),
    resources: resources('50m', '96Mi', '1', '256Mi'),
    placement,
    pods,
    code,
    router: z
      .strictObject({ resources: resources('10m', '16Mi', '1', '96Mi') })
      .prefault({})
      .describe('the router to the databases in each app pod'),
  })
  .prefault({})
  .describe('the app: a container image of yours, or the sample site when `image` is left out');
