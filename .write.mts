import mysql from 'mysql2/promise';
import { appendFileSync } from 'node:fs';
const secs = Number(process.argv[2]); const tag = process.argv[3];
const pw = () => process.env.PW;
const opts = (port: number) => ({ host: '127.0.0.1', port, user: 'app', password: pw(), database: 'site', ssl: { rejectUnauthorized: false }, connectTimeout: 1500 });
const end = Date.now() + secs * 1000;
const within = <T,>(ms: number, p: Promise<T>) => Promise.race([p, new Promise<never>((_, r) => setTimeout(() => r(new Error('timeout')), ms))]);
const acked: number[] = []; const gaps: string[] = []; const errors: Record<string, number> = {};
async function loop(kind: string, port: number, pause: number, one: (c: mysql.Connection, i: number) => Promise<unknown>) {
  let c: mysql.Connection | undefined, last = Date.now(), n = 0, failed = 0;
  for (let i = 1; Date.now() < end; i++) {
    try {
      if (!c) { c = await within(2000, mysql.createConnection(opts(port))); c.on('error', () => {}); }
      await within(3000, one(c, i)); n++;
      const now = Date.now(); if (now - last > 500) gaps.push(`${kind} ${new Date(last).toISOString().slice(14, 23)} +${now - last} ms`); last = now;
    } catch (e: any) { failed++; const k = kind + ' ' + (e.code ?? e.message); errors[k] = (errors[k] ?? 0) + 1; c?.destroy(); c = undefined; await new Promise((r) => setTimeout(r, 50)); }
    if (pause) await new Promise((r) => setTimeout(r, pause));
  }
  c?.destroy(); return { kind, n, failed };
}
const setup = await mysql.createConnection(opts(3310));
await setup.query('CREATE TABLE IF NOT EXISTS acked (tag VARCHAR(40), i INT, PRIMARY KEY(tag, i))'); setup.destroy();
const r = await Promise.all([
  loop('write', 3310, 4, async (c, i) => { await c.query('INSERT INTO acked VALUES (?, ?)', [tag, i]); acked.push(i); }),
  loop('read', 3320, 20, (c) => c.query('SELECT COUNT(*) FROM acked WHERE tag = ? AND i > 999999', [tag])),
]);
let have: Set<number> | undefined;
for (let k = 0; k < 60 && !have; k++) try { const c = await mysql.createConnection(opts(3310)); const [rows] = await c.query('SELECT i FROM acked WHERE tag = ?', [tag]); have = new Set((rows as { i: number }[]).map((x) => x.i)); c.destroy(); } catch { await new Promise((r) => setTimeout(r, 1000)); }
console.log(JSON.stringify(r), 'acked', acked.length, 'lost', acked.filter((i) => !have!.has(i)).length); console.log(gaps.join('\n')); console.log(JSON.stringify(errors));
