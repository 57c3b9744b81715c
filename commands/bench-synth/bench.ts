import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../bench/statistics';
import { mebibytes, milliseconds } from './cost';

/** Where `bundle/` keeps what it built. */
const KEPT = 'node_modules/.cache/threewall';
/** A program that uses the built package as its users do; packages are found from there. */
const USER = 'node_modules/.cache/threewall-bench.mjs';

interface Row {
  readonly what: string;
  readonly words: readonly string[];
  /** Sites that share the cost. @default 1 */
  readonly sites?: number;
  /** Done before each run. */
  readonly before?: () => void;
}

/** Measures every row in turns with `node -e 0`, and prints a table. */
export function benchSynth(rounds: number, sites: number): void {
  const out = mkdtempSync(join(tmpdir(), 'threewall-bench-'));
  try {
    writeUser();
    console.log('| synth | CPU, ms | times `node -e 0` | a site, ms | memory, MiB |\n| --- | --- | --- | --- | --- |');
    for (const row of rows(sites).filter(({ words }) =>
      words.every((word) => !word.endsWith('.mjs') || existsSync(word)),
    )) {
      console.log(lineOf(row, row.sites === undefined ? rounds : 1, out));
    }
    if (!existsSync(USER)) console.log('the built package: not measured, because there is none; run `npm run build`');
  } finally {
    rmSync(out, { recursive: true, force: true });
    rmSync(USER, { force: true });
  }
}

const SYNTH = ['bundle/run.mjs', 'main.ts'];
const many = (count: number): Row => ({
  what: `${count} sites`,
  words: ['bundle/run.mjs', 'commands/bench-synth/sites.ts', String(count)],
  sites: count,
});

const rows = (sites: number): Row[] => [
  {
    what: 'both environments, nothing kept',
    words: SYNTH,
    before: () => rmSync(KEPT, { recursive: true, force: true }),
  },
  { what: 'both environments, sources unchanged', words: SYNTH },
  { what: 'a site from the built package', words: [USER] },
  many(Math.ceil(sites / 10)),
  many(sites),
];

function lineOf({ what, words, sites = 1, before }: Row, rounds: number, out: string): string {
  const measured = Array.from({ length: rounds }, () => {
    const idle = milliseconds(['-e', '0'], out);
    before?.();
    return { idle, busy: milliseconds(words, out) };
  });
  const cpu = median(measured.map(({ busy }) => busy));
  const times = median(measured.map(({ idle, busy }) => busy / idle));
  const memory = mebibytes(words, out);
  return `| ${what} | ${cpu.toFixed(0)} | ${times.toFixed(1)} | ${(cpu / sites).toFixed(1)} | ${memory.toFixed(0)} |`;
}

function writeUser(): void {
  rmSync(USER, { force: true });
  if (!existsSync('build/index.js')) return;
  mkdirSync('node_modules/.cache', { recursive: true });
  writeFileSync(
    USER,
    [
      "import { App } from 'cdk8s';",
      "import { Threewall } from '../../build/index.js';",
      'const app = new App({ outdir: process.env.CDK8S_OUTDIR });',
      "new Threewall(app, 'shop', { domain: 'www.example.org' });",
      'app.synth();',
    ].join('\n'),
  );
}
