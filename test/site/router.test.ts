import type { Handler } from '../../site/router';
import { match, routeOf } from '../../site/router';

const get: Handler = () => ({ status: 200, body: 'get' });
const post: Handler = () => ({ status: 201, body: 'post' });
const routes = { '/': { GET: get }, '/messages': { GET: get, POST: post }, '/static/*': { GET: get } };

test('a path and a method lead to one handler, HEAD to that of GET', () => {
  expect(match(routes, 'POST', '/messages')).toEqual({ route: '/messages', handler: post });
  expect(match(routes, 'HEAD', '/messages')).toEqual({ route: '/messages', handler: get });
});

test('a route with a star takes everything below it, under one name', () => {
  expect(match(routes, 'GET', '/static/app.css').route).toBe('/static/*');
});

test.each(['/x', '/messages/', '//', '/static', '/static/*x/..', '/constructor', '__proto__'])(
  '%s has a bounded name',
  (path) => {
    expect(['none', '/static/*']).toContain(routeOf(routes, path));
  },
);

test('fails with 404 for an unknown path', () => {
  expect(() => match(routes, 'GET', '/x')).toThrow(expect.objectContaining({ status: 404 }));
});

test.each(['PUT', 'constructor'])('fails with 405 and Allow for the method %s', (method) => {
  expect(() => match(routes, method, '/messages')).toThrow(
    expect.objectContaining({ status: 405, headers: { Allow: 'GET, HEAD, POST' } }),
  );
});
