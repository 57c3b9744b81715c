import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { HttpError } from './errors';
import type { Handler } from './router';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/**
 * Headers that Nginx adds to every response in production, so that development has the same limits; without HSTS, which
 * is for https.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
};

/**
 * Serves a folder at `/static/`, for development: in production Nginx does that.
 * Only names that are in the folder at the time of the request are opened.
 */
export function serveStatic(dir: string): Handler {
  return ({ path }) => {
    const name = path.slice('/static/'.length);
    if (!readdirSync(dir, { recursive: true, encoding: 'utf8' }).includes(name) || !statSync(join(dir, name)).isFile())
      throw new HttpError(404, 'there is no such file');
    const type = TYPES[extname(name)] ?? 'application/octet-stream';
    return {
      status: 200,
      headers: { 'Content-Type': type, 'Cache-Control': 'no-cache' },
      body: readFileSync(join(dir, name)),
    };
  };
}
