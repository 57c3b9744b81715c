/** Packages of the server: an entry of its own in the build, so that they become a file of their own. See bundle/site.ts. */
export * as mysql from 'mysql2/promise';
export * as metrics from 'prom-client';
