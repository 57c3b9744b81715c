import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { config } from '../support/kubectl';
import { table } from '../support/table';
import { Visitor } from '../support/visitor';

/** testssl.sh, 3.2 or newer: older ones give no grade. https://testssl.sh */
const TESTSSL = process.env.TESTSSL ?? 'testssl';
const MINUTES = 15;

/** A finding of testssl.sh. */
interface Finding {
  readonly id: string;
  readonly severity: 'DEBUG' | 'INFO' | 'OK' | 'WARN' | 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL' | 'FATAL';
  readonly finding: string;
}

const BAD = ['MEDIUM', 'HIGH', 'CRITICAL', 'FATAL'];

/** Seconds of HSTS from which testssl.sh gives its best grade: 179 days. */
const LONG_HSTS = 179 * 86_400;
/** The configuration goes up in steps: docs/decisions/hsts.md */
const stepsAhead = config.tls.hsts.maxAge < LONG_HSTS;

/** All accepted findings. */
const EXCEPTIONS: readonly { readonly id: string; readonly finding: RegExp; readonly reason: string }[] = [
  {
    id: 'cert_revocation',
    finding: /^Neither CRL nor OCSP URI provided$/,
    reason: 'the CA signs one certificate and its key is gone: revocation is impossible',
  },
  ...(stepsAhead
    ? [{ id: 'HSTS_time', finding: /too short/, reason: 'tls.hsts.maxAge is still on its first steps' }]
    : []),
];

/** Version of testssl.sh as a number like 3.2, undefined when it is not installed. */
function installedVersion(): number | undefined {
  const { stdout = '' } = spawnSync(TESTSSL, ['--version'], { encoding: 'utf8', timeout: 60_000 });
  // escape codes of colours are between the words
  const version = /version\b.*?(\d+\.\d+)\.\d/.exec(stdout ?? '')?.[1];
  return version === undefined ? undefined : Number(version);
}

const version = installedVersion();
const able = version !== undefined && version >= 3.2;
if (!able) {
  console.log(
    `skipped: ${version ? `testssl.sh ${version} gives no grade` : `${TESTSSL} is not installed`}; 3.2 or newer is needed (Debian: apt install testssl.sh), TESTSSL may name it`,
  );
}

(able ? test : test.skip)(
  `testssl.sh gives ${stepsAhead ? 'A' : 'A+'} and finds nothing of severity MEDIUM or worse`,
  async () => {
    const findings = await findingsOf(await Visitor.arrive());
    const of = (id: string): string => findings.find((one) => one.id === id)?.finding ?? 'not said';
    const bad = findings.filter(({ severity }) => BAD.includes(severity));
    const rows = findings
      .filter(({ id, severity }) => severity === 'LOW' || severity === 'WARN' || SHOWN.test(id))
      .map(({ id, severity, finding }) => [id, severity, finding]);
    console.log(table([['finding', 'severity', 'text'], ...rows, ...bad.map((b) => [b.id, b.severity, b.finding])]));
    const accepted = (f: Finding): boolean => EXCEPTIONS.some((e) => e.id === f.id && e.finding.test(f.finding));
    expect(bad.filter((finding) => !accepted(finding))).toEqual([]);
    expect(of('FS_KEMs')).toMatch('X25519MLKEM768');
    expect(of('overall_grade')).toBe(stepsAhead ? 'A' : 'A+');
  },
  MINUTES * 60_000 + 10_000,
);

/** Rows of the table besides complaints. */
const SHOWN =
  /^(TLS1|SSL|FS$|FS_(ECDHE|KEMs|TLS)|HSTS|overall|rating|protocol_support|key_exchange|cipher_strength|final)/;

/** Runs testssl.sh against the load balancer, trusting the site's CA as a browser trusts a public one. */
async function findingsOf(visitor: Visitor): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'threewall-testssl-'));
  try {
    const [ca, out] = [join(folder, 'ca.pem'), join(folder, 'findings.json')];
    writeFileSync(ca, visitor.ca);
    const options = ['--quiet', '--color', '0', '--warnings', 'off', '--add-ca', ca, '--jsonfile', out];
    const args = [...options, '--ip', visitor.address, `${config.domain}:443`];
    // its exit code is the number of complaints
    await new Promise((resolve) => execFile(TESTSSL, args, { timeout: MINUTES * 60_000, maxBuffer: 2 ** 26 }, resolve));
    return JSON.parse(readFileSync(out, 'utf8')) as Finding[];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
