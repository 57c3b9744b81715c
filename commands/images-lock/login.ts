import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** How `docker login` calls Docker Hub. */
const HUB = 'https://index.docker.io/v1/';

/**
 * The login of a registry in base64, as `docker login` and `podman login` have written it. What a credential helper keeps is not read.
 * @see https://docs.docker.com/reference/cli/docker/login/
 */
export function loginOf(registry: string): string | undefined {
  const file = join(process.env.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'config.json');
  if (!existsSync(file)) return undefined;
  let auths: Readonly<Record<string, { readonly auth?: string }>>;
  try {
    auths = (JSON.parse(readFileSync(file, 'utf8')) as { auths?: typeof auths }).auths ?? {};
  } catch (error) {
    throw new Error(`${file}: not JSON: ${(error as Error).message}`);
  }
  const names = [registry, `https://${registry}`, ...(registry === 'docker.io' ? [HUB] : [])];
  return names.map((name) => auths[name]?.auth).find(Boolean);
}
