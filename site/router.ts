import { HttpError } from './errors';
import type { Answer, Request } from './http';

/** Answers one request, or throws HttpError or DatabaseTrouble. */
export type Handler = (request: Request) => Answer | Promise<Answer>;

/** Handlers by path, then by method (upper case). A path that ends in `/*` takes everything below it. */
export type Routes = Readonly<Record<string, Readonly<Record<string, Handler>>>>;

/** Target of a request. */
export interface Match {
  /** The path as written in the routes: bounded in number, fit for a metric's label. */
  readonly route: string;
  /** The handler. */
  readonly handler: Handler;
}

/** The route of requests that match none, as a metric's label. */
const NO_ROUTE = 'none';

/**
 * Finds the route of a path, whatever the method; {@link NO_ROUTE} when there is none.
 */
export function routeOf(routes: Routes, path: string): string {
  if (Object.hasOwn(routes, path) && !path.endsWith('/*')) return path;
  return Object.keys(routes).find((route) => route.endsWith('/*') && path.startsWith(route.slice(0, -1))) ?? NO_ROUTE;
}

/**
 * Finds the handler. `HEAD` uses the handler of `GET`.
 *
 * @throws HttpError 404 for an unknown path, 405 with `Allow` for a method that the path does not support
 */
export function match(routes: Routes, method: string, path: string): Match {
  const route = routeOf(routes, path);
  const methods = routes[route];
  if (methods === undefined) throw new HttpError(404, 'there is nothing at this path');
  const name = method === 'HEAD' ? 'GET' : method;
  const handler = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (handler !== undefined) return { route, handler };
  const allowed = Object.keys(methods).flatMap((known) => (known === 'GET' ? ['GET', 'HEAD'] : [known]));
  throw new HttpError(405, `this path takes ${allowed.join(', ')}`, { Allow: allowed.join(', ') });
}
