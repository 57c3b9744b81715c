import * as z from 'zod';

/** A domain name of one or more labels. */
export const domainName = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/,
    'must be a domain name in lower case, like "www.example.org"',
  );

/** A name in a certificate: an address is no name, and browsers do not accept it as one. */
export const siteName = domainName.refine((name) => !/(^|\.)\d+$/.test(name), {
  error: 'must be a name, not an address; one that ends in digits is read as an address',
});

/** A Kubernetes CPU quantity: cores or thousandths of a core. */
export const quantity = z
  .union([z.string(), z.number().transform(String)])
  .pipe(z.string().regex(/^\d+(\.\d+)?$|^\d+m$/, 'must be a number of cores or thousandths, like "0.5" or "500m"'));

/** Cores of a quantity that `quantity` accepted. */
export const cores = (value: string): number =>
  value.endsWith('m') ? Number.parseInt(value, 10) / 1000 : Number(value);

/** A Kubernetes quantity of bytes with a binary unit. */
export const storageQuantity = z
  .string()
  .regex(/^[1-9]\d*(Ki|Mi|Gi|Ti)$/, {
    error: 'must be a whole number with Ki, Mi, Gi or Ti, like "512Mi"',
    abort: true,
  })
  .refine((value) => bytes(value) <= Number.MAX_SAFE_INTEGER, 'must be at most 8191Ti');

/** Bytes of a quantity that `storageQuantity` accepted. */
export function bytes(value: string): number {
  const units = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };
  return Number.parseInt(value, 10) * units[value.slice(-2) as keyof typeof units];
}

// https://github.com/distribution/reference/blob/main/regexp.go
const HOST = '(?:[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+(?::\\d+)?|[A-Za-z0-9-]+:\\d+|localhost)';
const PART = '[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*';
const TAG = ':(?!latest$)[A-Za-z0-9_][-A-Za-z0-9_.]{0,127}';
const DIGEST = '@sha256:[0-9a-f]{64}';

/** An image reference with a tag other than `latest`, or a digest. */
export const imageReference = z
  .string()
  .regex(
    new RegExp(`^(?:${HOST}/)?${PART}(?:/${PART})*(?:${TAG}(?:${DIGEST})?|${DIGEST})$`),
    'must be an image with a tag other than "latest" or with a digest, like "docker.io/library/nginx:1.30.6"',
  );

/** An IPv4 address range in CIDR notation, its host bits zero. */
export const cidr = z.string().refine((value) => parseCidr(value) !== undefined, {
  error: 'must be an IPv4 range with its mask and no host bits, like "203.0.113.0/24"',
});

/** A host name of the internet, no wildcard: its last label contains a letter, so that addresses do not match. */
export const isHostName = (value: string): boolean =>
  domainName.safeParse(value).success && /\.[a-z0-9-]*[a-z][a-z0-9-]*$/.test(value);

/** The word for every address that is neither private nor the cluster's. */
const INTERNET = 'internet';

/** An address range, a host name, or the whole internet. */
export const destination = z
  .string()
  .refine((value) => value === INTERNET || parseCidr(value) !== undefined || isHostName(value), {
    error:
      'must be an IPv4 range with its mask and no host bits, like "203.0.113.0/24", a host name, like "api.example.org", or "internet"',
  });

/** First and last address of a range as numbers, or undefined when `value` is no range. */
export function parseCidr(value: string): { readonly first: number; readonly last: number } | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(value);
  // the API server refuses 010.0.0.0/08, which some programs read as octal numbers
  if (/\b0\d/.test(value)) return undefined;
  const numbers = match?.slice(1).map(Number);
  if (!numbers || numbers.slice(0, 4).some((n) => n > 255) || (numbers[4] ?? 33) > 32) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, mask = 0] = numbers;
  const first = ((a * 256 + b) * 256 + c) * 256 + d;
  const size = 2 ** (32 - mask);
  return first % size === 0 ? { first, last: first + size - 1 } : undefined;
}

/** True when the two ranges share an address. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [parseCidr(one), parseCidr(other)];
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last;
}

/** True when every address of `inner` lies in `outer`. */
export function contains(outer: string, inner: string): boolean {
  const [o, i] = [parseCidr(outer), parseCidr(inner)];
  return o !== undefined && i !== undefined && o.first <= i.first && i.last <= o.last;
}

/**
 * An address of a server that manifests hold as text: nothing of it may be a secret, and a program that fills in variables
 * (Kubernetes, the collector, a shell) must take it as it is.
 * @param protocols what it may begin with
 */
export const serverAddress = (protocols: RegExp) =>
  z.url({ protocol: protocols, abort: true }).refine((text) => /^[a-z]+:\/\/[^\s"'`\\$@?#]+$/.test(text), {
    error: 'must have no user, password, query, space, quote, "$" and "\\" (what is secret belongs into a Secret)',
  });
