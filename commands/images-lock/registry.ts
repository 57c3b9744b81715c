import { createHash } from 'node:crypto';
import { loginOf } from './login';

/** A manifest for one platform or a list for several: what a tag stands for, in both dialects. */
const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

const PATIENCE_MS = 30_000;

/** Where an image lies. */
interface Place {
  /** Host and port, as they stand in the image's name. */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
}

/** @see https://github.com/distribution/reference/blob/main/normalize.go */
export function placeOf(image: string): Place {
  const colon = image.lastIndexOf(':');
  const hasTag = colon > image.lastIndexOf('/');
  const [name, tag] = hasTag ? [image.slice(0, colon), image.slice(colon + 1)] : [image, 'latest'];
  const [first = '', ...rest] = name.split('/');
  const isHost = rest.length > 0 && /[.:]|^localhost$/.test(first);
  const registry = isHost ? first : 'docker.io';
  const path = isHost ? rest.join('/') : name;
  return { registry, repository: registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path, tag };
}

/** This machine. */
const HERE = /^(localhost|127\.\d+\.\d+\.\d+)(:|$)/;

/** Docker Hub's registry has another name than its images. */
const addressOf = (registry: string): string => {
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
  return `${HERE.test(host) ? 'http' : 'https'}://${host}`;
};

/**
 * An image with the digest that its tag has now; one that has a digest stays as it is. The digest is computed from what the
 * registry sends, not believed.
 * @throws Error that says what the registry said and what usually helps
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 */
export async function lockedReference(image: string): Promise<string> {
  if (image.includes('@')) return image;
  const place = placeOf(image);
  const url = `${addressOf(place.registry)}/v2/${place.repository}/manifests/${place.tag}`;
  const first = await ask(url, image);
  const answer = first.status === 401 ? await ask(url, image, await authorization(first, place)) : first;
  if (!answer.ok)
    throw new Error(`${image}: ${place.registry} answers ${answer.status}${helpFor(answer.status, place)}`);
  const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
  if (!MANIFESTS.includes(type) || type === '')
    throw new Error(`${image}: ${place.registry} sends no manifest but "${type}"`);
  const digest = createHash('sha256').update(answer.body).digest('hex');
  return `${image}@sha256:${digest}`;
}

function helpFor(status: number, { repository, tag, registry }: Place): string {
  if (status === 404) return `: it has no ${repository} with the tag "${tag}"`;
  if (status === 401 || status === 403) return `: log in first, like \`docker login ${registry}\``;
  return status === 429 ? ': too many questions from this address; log in or try later' : '';
}

/** An answer, read to its end: one that is not keeps the connection open, and the command with it. */
interface Answer extends Pick<Response, 'status' | 'ok' | 'headers'> {
  readonly body: Buffer;
}

async function ask(url: string, what: string, authorization?: string): Promise<Answer> {
  const headers = { accept: MANIFESTS, ...(authorization ? { authorization } : {}) };
  try {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
    const { status, ok } = answer;
    return { status, ok, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
  } catch (error) {
    const { cause, message } = error as Error;
    throw new Error(
      `${what}: ${new URL(url).host} does not answer: ${(cause as Error | undefined)?.message ?? message}`,
    );
  }
}

/** What a refused question wants to see: the login itself, or a token that a server gives for it, or for nothing. */
async function authorization(refused: Answer, { registry, repository }: Place): Promise<string | undefined> {
  const challenge = refused.headers.get('www-authenticate') ?? '';
  const login = loginOf(registry);
  const basic = login ? `Basic ${login}` : undefined;
  if (!/^bearer /i.test(challenge)) return basic;
  const parts = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
  if (!parts.realm) return basic;
  const query = new URLSearchParams({
    ...(parts.service ? { service: parts.service } : {}),
    scope: parts.scope ?? `repository:${repository}:pull`,
  });
  // a login goes over TLS or stays on this machine, so that no one between reads it
  const isSafe = parts.realm.startsWith('https://') || HERE.test(new URL(parts.realm).host);
  const answer = await ask(`${parts.realm}?${query}`, `login at ${registry}`, isSafe ? basic : undefined);
  if (!answer.ok) return undefined;
  const { token, access_token } = JSON.parse(answer.body.toString()) as { token?: string; access_token?: string };
  return `Bearer ${token ?? access_token ?? ''}`;
}
