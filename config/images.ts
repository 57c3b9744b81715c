import * as z from 'zod';
import { imageReference } from './fields';

const REGISTRY = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/;

/**
 * The same image at a mirror: the mirror's prefix replaces the registry. A name without a registry is
 * Docker Hub's, where `nginx` is short for `library/nginx`.
 * @see https://github.com/distribution/reference/blob/main/normalize.go
 */
export function mirrored(image: string, prefix: string | undefined): string {
  if (!prefix || image.startsWith(`${prefix}/`)) return image;
  const [first = '', ...rest] = image.split('/');
  if (rest.length === 0) return `${prefix}/library/${image}`;
  return `${prefix}/${/[.:]|^localhost$/.test(first) ? rest.join('/') : image}`;
}

/** The table of all images. */
export const images = z
  .strictObject({
    haproxy: imageReference.default('docker.io/library/haproxy:3.2.26'),
    nginx: imageReference.default('docker.io/library/nginx:1.30.6'),
    node: imageReference.default('docker.io/library/node:24.22.2-slim'),
    mysql: imageReference.default('docker.io/library/mysql:9.7.4'),
    collector: imageReference.default('docker.io/otel/opentelemetry-collector-contrib:0.145.0'),
    prometheus: imageReference.default('docker.io/prom/prometheus:v3.5.3'),
    restic: imageReference.default('docker.io/restic/restic:0.19.1'),
    alertmanager: imageReference.default('docker.io/prom/alertmanager:v0.33.1'),
    registry: z
      .string()
      .regex(REGISTRY, 'must be a host and a path without a "/" at the end, like "registry.example.org/mirror"')
      .optional()
      .describe(
        'a mirror of yours: takes the place of each image\'s own registry, like "registry.example.org/docker-hub"',
      ),
  })
  .prefault({})
  .describe('the only table of images; a digest (name@sha256:…) is accepted')
  .transform(
    ({ registry, ...table }) =>
      Object.fromEntries(
        Object.entries(table).map(([name, image]) => [name, mirrored(image, registry)]),
      ) as typeof table,
  );
