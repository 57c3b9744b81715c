import * as z from 'zod';
import { imageReference, storageQuantity } from './fields';
import { dnsLabel, objectName } from './kubernetes-names';

/**
 * A path inside a container: absolute, no trailing slash, no `.` and `..`, and nothing that nginx.conf, $(…) of Kubernetes
 * or a mount (`:`) reads as more than a path.
 */
export const containerPath = z
  .string()
  .regex(
    /^(\/(?!\.{1,2}(\/|$))[^/\s"'`\\;:{}$#]+)+$/,
    'must be an absolute path without "..", a slash at its end, a space, a quote or one of \\ ; : { } $ #, like "/app/uploads"',
  );

/** A URL path of a folder. */
export const urlFolder = z
  .string()
  .regex(
    /^\/([A-Za-z0-9._~-]*[A-Za-z0-9_~-][A-Za-z0-9._~-]*\/)+$/,
    'must be the path of a folder below "/" that begins and ends with "/", like "/assets/"',
  );

/** A URL path for a probe. */
export const urlPath = z.string().regex(/^\/[^\s"'\\]*$/, 'must be a path that begins with "/", like "/up"');

/** A URL path that web servers recognize in requests: as they compare it, without a query and without escapes. */
export const plainPath = z
  .string()
  .regex(
    /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._~-]+)+$/,
    'must be a path of letters, digits and . _ ~ - without a query and a slash at its end, like "/metrics"',
  );

/** An unprivileged port. */
export const appPort = z
  .number({ error: 'must be a whole number, 1024 to 65535' })
  .int()
  .min(1024, 'must be 1024 to 65535: a process that is not root opens no port below 1024')
  .max(65535);

/** Program and arguments, as for execve: no shell parses them. */
export const words = z.array(z.string().min(1)).min(1);

/** Name of a variable of the environment. */
const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'must be the name of a variable: letters, digits and "_", no digit first');

/** A value from a Secret: it is in no manifest. */
const secretValue = z
  .strictObject({
    secret: objectName.describe(
      "`random`: `npm run secrets` makes it, once; `supplied`: `npm run secrets` says that it is missing; any other word: the name of a Secret of yours in the site's namespace",
    ),
    key: z
      .string()
      .regex(/^[-._a-zA-Z0-9]+$/, 'must be a key of a Secret: letters, digits, "-", "_" and "."')
      .optional()
      .describe('key of your own Secret; left out for `random` and `supplied`, which have the name of the variable'),
    format: z
      .enum(['letters', 'hex', 'base64'])
      .optional()
      .describe('of a `random` value: letters and digits (when left out), or bytes in hex or base64'),
    length: z
      .number()
      .int()
      .min(16)
      .max(512)
      .optional()
      .describe('of a `random` value: letters, or bytes before they are written as hex or base64; 64 when left out'),
  })
  .describe('a value from a Secret');

const plainValue = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);

/** Variables of the app's processes. */
export const environment = z
  .record(variableName, z.union([plainValue, secretValue]))
  .default({})
  .describe(
    'variables of every process of the app; $(NAME) in a value stands for another variable, those that are always there among them: docs/your-app.md',
  );

/** Files of the repository at paths of the container. */
export const appFiles = z
  .record(
    containerPath,
    z.union([
      z.string().min(1),
      z.strictObject({
        file: z.string().min(1).describe("path of the file, from the configuration's own folder"),
        expand: z
          .boolean()
          .default(false)
          .describe('whether $(NAME) in it stands for a variable, as in `env`; $$(NAME) is $(NAME) then'),
      }),
    ]),
  )
  .default({})
  .describe(
    'files at paths of the container, each from a file of the repository (its path from the folder of the configuration), or {file, expand}; 254 KiB together',
  );

/** Folders of the container that may be written, empty at each start. */
export const writable = z
  .array(
    z.union([
      containerPath,
      z.strictObject({
        path: containerPath.describe('folder of the container'),
        size: storageQuantity.default('64Mi').describe('most that may lie in it; a pod that exceeds it is replaced'),
        seed: z
          .boolean()
          .default(false)
          .describe("whether it begins with what the image has there (copied by the image's own `cp`)"),
      }),
    ]),
  )
  .optional()
  .describe('folders that the app may write, empty at each start, 64Mi each unless said; `/tmp` when left out');

/** Persistent folders of the app. */
export const volumes = z
  .record(
    dnsLabel.max(40),
    z.strictObject({
      path: containerPath.describe('folder of the container'),
      size: storageQuantity.default('10Gi').describe('size of the claim; may grow, never shrink'),
      accessMode: z
        .enum(['ReadWriteMany', 'ReadWriteOnce'])
        .describe(
          '`ReadWriteMany`: shared by all pods, on every node (NFS, CephFS, EFS, Filestore, Azure Files); `ReadWriteOnce`: one app pod, which is away while it is replaced',
        ),
      storageClassName: objectName.optional().describe("name of a StorageClass; the cluster's default when left out"),
      claimName: objectName
        .optional()
        .describe('a PersistentVolumeClaim of yours that is there already; size and class are then its own'),
      url: urlFolder.optional().describe('where web servers serve the folder, read-only, without asking the app'),
      backup: z
        .boolean()
        .default(true)
        .describe('whether backups contain it, where the environment has any; false for what can be made again'),
    }),
  )
  .default({})
  .describe('folders that last: a PersistentVolumeClaim each, also mounted in workers where it is ReadWriteMany');

/** Earlier images whose files web servers still serve. */
export const keep = z
  .array(imageReference)
  .max(8)
  .default([])
  .describe('with `static`: images of earlier versions whose files stay reachable during a rollout and after it');
