import { spawnSync } from 'node:child_process';
import { Testing } from 'cdk8s';
import { DatabaseChart } from '../../charts/database';
import { followSh } from '../../charts/database/follow-sh';
import { groupJoinSh } from '../../charts/database/group-join-sh';
import { myCnf } from '../../charts/database/my-cnf';
import { roleLua } from '../../charts/database/role-lua';
import { routerCfg } from '../../charts/database/router-cfg';
import { configOf } from '../support/firewalls';
import { withProgram } from '../support/programs';

const group = configOf({ name: 'shop', database: { topology: 'group', members: 5 } });
const together = configOf({ database: { topology: 'group', mode: 'multi-primary' } });
const pair = configOf({ database: { replicas: 3 } });
const bash = (script: string) =>
  spawnSync('bash', [], { input: script, encoding: 'utf8', env: { PATH: process.env.PATH } });
const between = (text: string, from: string, to: string) => text.slice(text.indexOf(from), text.indexOf(to));

test.each([
  ['a group', group, 5],
  ['a primary and its replicas', pair, 4],
])('%s has as many pods as servers', (_, config, servers) => {
  const manifests = Testing.synth(new DatabaseChart(Testing.app(), config));
  expect(manifests.find(({ kind }) => kind === 'StatefulSet').spec.replicas).toBe(servers);
});

withProgram('bash', () => {
  test('every script of a group and of a pair is bash', () => {
    const filesOf = (config: typeof group) =>
      Testing.synth(new DatabaseChart(Testing.app(), config)).find(({ kind }) => kind === 'ConfigMap').data;
    const scripts = Object.entries<string>({ ...filesOf(group), ...filesOf(pair) }).filter(([name]) =>
      name.endsWith('.sh'),
    );
    expect(scripts.map(([name]) => name)).toEqual(expect.arrayContaining(['group.sh', 'yield.sh']));
    for (const [, script] of scripts) {
      expect(spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    }
  });
});

test('a group knows its members by Services that stay, each finds them in a hosts file of its own', () => {
  const manifests = Testing.synth(new DatabaseChart(Testing.app(), group));
  const services = manifests.filter(({ kind, metadata }) => kind === 'Service' && /member/.test(metadata.name));
  expect(services.map(({ spec }) => spec.selector['statefulset.kubernetes.io/pod-name'])).toEqual(
    [0, 1, 2, 3, 4].map((n) => `database-${n}`),
  );
  const known = services.map(({ metadata }) => `${metadata.name}.shop.svc.cluster.local:33061`);
  expect(myCnf(group)).toContain(`group_seeds = ${known.join(',')}\n`);
  const { containers } = manifests.find(({ kind }) => kind === 'StatefulSet').spec.template.spec;
  expect(containers[0].volumeMounts).toContainEqual({ name: 'hosts', mountPath: '/etc/hosts', subPath: 'hosts' });
  expect(JSON.stringify(Testing.synth(new DatabaseChart(Testing.app(), pair)))).not.toMatch(
    /database-member|etc.hosts/,
  );
});

withProgram('bash', () => {
  describe('the hosts file of a member', () => {
    const { data } = Testing.synth(new DatabaseChart(Testing.app(), group)).find(({ kind }) => kind === 'ConfigMap');
    const functions = between(data['group.sh'], '# member NUMBER', '# look NUMBER');
    const prelude = `set -euo pipefail; SERVERS=5 ORDINAL=1 POD_IP=10.0.0.7 HOSTNAME=database-1
    host() { echo "database-$1.database.shop.svc.cluster.local"; }\n${functions}`;

    test('has one length, whatever the addresses, and is read back', () => {
      const { stdout, stderr } = bash(`${prelude}
      file=$(mktemp)
      addresses=(10.0.0.1 10.0.0.7 fd00:1234:5678:9abc:def0:1234:5678:9abc 10.0.0.3 10.0.0.4); write_hosts "$file"
      wc -c <"$file"
      addresses[2]=255.255.255.255; write_hosts "$file"
      wc -c <"$file"; addresses=(); read_hosts "$file"; echo "\${addresses[@]}"; cat "$file"; rm "$file"`);
      expect(stderr).toBe('');
      const [before, after, addresses, ...lines] = stdout.trim().split('\n');
      expect(after).toBe(before);
      expect(addresses).toBe('10.0.0.1 10.0.0.7 255.255.255.255 10.0.0.3 10.0.0.4');
      expect(lines[2]).toBe('10.0.0.7 database-1.database.shop.svc.cluster.local database-1');
      expect(lines).toHaveLength(8);
    });

    test('a connection that is being made to another member is seen, and no other', () => {
      const connects = between(data['reach.sh'], '# connects FILE', 'shun() {');
      const seen = (line: string) =>
        bash(`${connects}\nif connects /dev/null <(echo '${line}'); then echo yes; else echo no; fi`).stdout.trim();
      expect(seen('   0: 0700000A:C350 0900000A:8125 02 00000001:00000000')).toBe('yes');
      expect(seen('   0: 0700000A:C350 0900000A:8125 01 00000001:00000000')).toBe('no');
      expect(seen('   0: 0700000A:8125 0900000A:C350 02 00000001:00000000')).toBe('no');
    });
  });
});

test.each([
  ['block', true],
  ['continue', false],
])('a primary gives way to a clone where it acknowledges nothing alone: %s', (whenReplicaIsLost, gives) => {
  const chart = new DatabaseChart(Testing.app(), configOf({ database: { whenReplicaIsLost } }));
  const { data } = Testing.synth(chart).find(({ kind }) => kind === 'ConfigMap');
  expect(Object.keys(data).includes('yield.sh')).toBe(gives);
  expect(data['start.sh'].includes('yield.sh')).toBe(gives);
});

describe('my.cnf', () => {
  const settings = (config: typeof group) =>
    Object.fromEntries(
      [...myCnf(config).matchAll(/^(?:loose_)?(\w+) = (.*)$/gm)].map(([, name, value]) => [name, value]),
    );

  test('a member joins when join.sh says so, over TLS, and is expelled without a grace', () => {
    expect(settings(group)).toMatchObject({
      group_replication_start_on_boot: 'OFF',
      group_replication_ssl_mode: 'VERIFY_CA',
      group_replication_recovery_ssl_verify_server_cert: 'ON',
      group_replication_member_expel_timeout: '0',
      group_replication_single_primary_mode: 'ON',
      group_replication_ip_allowlist: group.cluster.podCidrs.join(','),
    });
    expect(settings(group).group_replication_group_seeds?.split(',')).toHaveLength(5);
  });

  test('where all may write, foreign keys and isolation are checked', () => {
    expect(settings(together)).toMatchObject({
      group_replication_single_primary_mode: 'OFF',
      group_replication_enforce_update_everywhere_checks: 'ON',
    });
  });

  test('two sites have two groups', () => {
    expect(settings(group).group_replication_group_name).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(settings(group).group_replication_group_name).not.toBe(settings(together).group_replication_group_name);
  });

  test.each([
    ['block', 'ON', '4294967295', 'OFF', '1'],
    ['continue', 'OFF', '1000', 'ON', '10000'],
  ])('a primary whose replica is lost: %s', (whenReplicaIsLost, waits, timeout, recovery, sync) => {
    expect(settings(configOf({ database: { whenReplicaIsLost } }))).toMatchObject({
      rpl_semi_sync_source_wait_point: 'AFTER_SYNC',
      rpl_semi_sync_source_wait_no_replica: waits,
      rpl_semi_sync_source_timeout: timeout,
      relay_log_recovery: recovery,
      sync_relay_log: sync,
    });
  });
});

describe('the router', () => {
  test('lets nobody write while two servers say they are the primary, unless all may be', () => {
    expect(routerCfg(pair)).toContain('reject if { nbsrv(primary) gt 1 }');
    expect(routerCfg(group)).toContain('reject if { nbsrv(primary) gt 1 }');
    expect(routerCfg(together)).not.toContain('reject');
  });

  test('keeps an address while DNS does not answer, and not a second longer when it names another', () => {
    expect(routerCfg(pair)).toMatch(/^ {2}hold nx 24h$/m);
    expect(routerCfg(pair)).toMatch(/^ {2}hold timeout 24h$/m);
    expect(routerCfg(pair)).toMatch(/^ {2}hold obsolete 0s$/m);
  });

  test('lets readers stay at a replica that became the primary or is about to stop', () => {
    expect(routerCfg(group)).toMatch(/option httpchk GET \/replica\n {2}http-check disable-on-404\n/);
    expect(roleLua()).toContain("applet.path == '/replica' and (role == 'primary' or role == 'leaving')");
    expect(roleLua()).toContain("applet.path == '/' .. role and 200 or ends and 404 or 503");
  });

  test('knows every server by its full name, for writes and for reads', () => {
    const lines = routerCfg(group).match(/^ {2}server \S+ database-\d\.database\.shop\.svc\.cluster\.local:3306 .*$/gm);
    expect(lines?.filter((line) => line.includes('check port 8008'))).toHaveLength(10);
  });

  test('reads from the primary while there is no replica', () => {
    expect(routerCfg(pair)).toMatch(/frontend reader\n.*\n {2}use_backend primary if \{ nbsrv\(replicas\) eq 0 \}\n/);
  });
});

/** Runs survey of join.sh as member 1 of 3. `others` says for 2 and 0: state|applied|received|purged|members; transactions are letters. */
function survey(mine: string, others: Record<number, string>): Record<string, string> {
  const functions = between(groupJoinSh(), '# survey:', 'start_member()');
  const answers = Object.entries(others).map(([number, answer]) => `${number}) echo '${answer}' ;;`);
  const { stdout, stderr } = bash(`set -euo pipefail
ORDINAL=1
others() { echo 2 0; }
host() { echo "host-$1"; }
look() { case $1 in ${answers.join(' ')} *) return 1 ;; esac; }
subtract() { local c; for c in \${1//,/ }; do [[ ,$2, == *,$c,* ]] || printf '%s,' "$c"; done; }
mine='${mine}'
${functions}
survey
printf '%s\\n' "silent=$silent" "busy=$busy" "inside=$inside" "listed=$listed" "first=$first" "apart=$apart"`);
  expect(stderr).toBe('');
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=').map((part) => part.trim()) as [string, string]),
  );
}

withProgram('bash', () => {
  describe('after all members were lost', () => {
    test.each([
      ['the one with the most begins', 'a,b,c', { 0: 'OFFLINE|a,b||', 2: 'ERROR|a||' }, '1'],
      ['not one that lacks what another has applied', 'a,b', { 0: 'OFFLINE|a||', 2: 'OFFLINE|a,b,c||' }, ''],
      ['not one that lacks what another has only received', 'a,b', { 0: 'OFFLINE|a||', 2: 'OFFLINE|a,b|c|' }, ''],
      ['of equals the lowest number, seen from a higher one', 'a,b', { 0: 'OFFLINE|a,b||', 2: 'OFFLINE|a,b||' }, ''],
      ['of equals the lowest number, seen from itself', 'a,b', { 0: 'OFFLINE|a||', 2: 'OFFLINE|a,b||' }, '1'],
      ['an empty volume does not count', 'a,b', { 0: 'blank|x||', 2: 'OFFLINE|a||' }, '1'],
    ])('%s', (_, mine, others, first) => {
      expect(survey(mine, others)).toEqual({ silent: '', busy: '', inside: '', listed: '', first, apart: '' });
    });

    test('sets of which none contains the others are told apart', () => {
      expect(survey('a,b', { 0: 'OFFLINE|a,c||', 2: 'OFFLINE|a||' })).toMatchObject({ first: '', apart: 'database-0' });
    });

    test('who is silent, on the way, or in a group is named', () => {
      expect(survey('a', { 2: 'MINORITY|a||' })).toMatchObject({ silent: 'database-0', busy: 'database-2' });
      expect(survey('a', { 0: 'ONLINE|a||', 2: 'RECOVERING|a||' })).toMatchObject({ inside: '0', busy: 'database-2' });
    });

    test('a group that has not yet noticed that this member ended is told from one that has', () => {
      const noticed = 'ONLINE|a|||host-0,host-2';
      expect(survey('a', { 0: noticed, 2: 'ONLINE|a|||host-0,host-1,host-2' }).listed).toBe('database-2');
      expect(survey('a', { 0: noticed, 2: 'ONLINE|a|||host-0,host-10,host-2' }).listed).toBe('');
    });
  });
});

withProgram('bash', () => {
  test('a member with transactions of its own is neither joined nor cloned over', () => {
    const enter = between(groupJoinSh(), 'enter() {', 'member_state()');
    const { stdout } = bash(`set -euo pipefail
VOLUME=/nowhere mine=a,x theirs=,a,b purged=a,b
subtract() { local c; for c in \${1//,/ }; do [[ ,$2, == *,$c,* ]] || printf '%s,' "$c"; done; }
refuse() { echo "refuses: $1"; }
here() { echo "does $1"; }
start_member() { echo joins; }
touch() { echo "clones again"; }
say() { :; }
${enter}
enter`);
    expect(stdout).toBe('refuses: holds transactions that the group lacks, so it does not join it: x,\n');
  });
});

withProgram('bash', () => {
  test.each([
    [[60, 60, 60, 60, 60, 60], "PURGE BINARY LOGS TO 'log.2'"],
    [[60, 60, 60], ''],
    [[900, 900], ''],
  ])('binary logs of %j MiB on a volume of 1 GiB: %s', (sizes, statement) => {
    const config = configOf({ database: { storage: { size: '1Gi' } } });
    const script = followSh(config);
    const { stdout } = bash(`set -euo pipefail
${script.match(/^BINARY_LOGS=.*$/m)}
here() { case $1 in SHOW*) printf '%s\\n' ${sizes.map((mib, i) => `'log.${i} ${mib * 2 ** 20} No'`).join(' ')} ;; *) echo "$1" ;; esac; }
say() { :; }
${between(script, 'trim() {', 'known=$(<')}
trim`);
    expect(stdout.trim()).toBe(statement);
  });
});
