import { Testing } from 'cdk8s';
import { DatabaseChart } from '../../charts/database';
import { myCnf } from '../../charts/database/my-cnf';
import { routerCfg } from '../../charts/database/router-cfg';
import { configOf } from '../support/configs';
import { filesOf, Room } from '../support/database-room';
import { withProgram } from '../support/programs';

const group = configOf({ name: 'shop', database: { topology: 'group', members: 5 } });
const together = configOf({ database: { topology: 'group', mode: 'multi-primary' } });
const pair = configOf({ database: { replicas: 3 } });

test.each([
  ['a group', group, 5],
  ['a primary and its replicas', pair, 4],
])('%s has as many pods as servers', (_, config, servers) => {
  const manifests = Testing.synth(new DatabaseChart(Testing.app(), config));
  expect(manifests.find(({ kind }) => kind === 'StatefulSet').spec.replicas).toBe(servers);
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
  const ofPair = Testing.synth(new DatabaseChart(Testing.app(), pair)).filter(({ kind }) => kind !== 'ConfigMap');
  expect(JSON.stringify(ofPair)).not.toMatch(/database-member|etc.hosts/);
});

withProgram('bash', () => {
  describe('the hosts file of a member', () => {
    const room = new Room(group, 1);
    afterAll(() => room.remove());

    test('has one length, whatever the addresses, and is read back', () => {
      const { stdout, stderr } = room.with(`file=$(mktemp)
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

    test('waits for DNS to know all members, and leads to this one by its own address', async () => {
      room.program(
        'getent',
        `case $4 in database-member-3.*) [[ -e known ]] || { touch known; exit 2; } ;; esac
echo "10.96.0.\${4:16:1} STREAM $4"`,
      );
      const { status, stderr } = await room.script('hosts.sh', `${room.path}/hosts`);
      expect(stderr).toContain('waits for DNS to know database-member-3.shop.svc.cluster.local');
      expect(status).toBe(0);
      expect(
        room
          .read('hosts')
          .match(/^10\S+ +database-member/gm)
          ?.map((line) => line.split(' ')[0]),
      ).toEqual(['10.96.0.0', '10.0.0.7', '10.96.0.2', '10.96.0.3', '10.96.0.4']);
    });

    test('a connection that is being made to another member is seen, and no other', () => {
      const seen = (line: string) =>
        room.with(`if connects /dev/null <(echo '${line}'); then echo yes; else echo no; fi`).stdout.trim();
      expect(seen('   0: 0700000A:C350 0900000A:8125 02 00000001:00000000')).toBe('yes');
      expect(seen('   0: 0700000A:C350 0900000A:8125 01 00000001:00000000')).toBe('no');
      expect(seen('   0: 0700000A:8125 0900000A:C350 02 00000001:00000000')).toBe('no');
    });
  });

  test.each([
    ['block', 0, 'yield.sh\n'],
    ['block', 1, ''],
    ['continue', 0, ''],
  ])(
    'a primary gives way to a clone where it acknowledges nothing alone: %s, database-%i',
    (whenReplicaIsLost, ordinal, kept) => {
      const room = new Room(configOf({ database: { whenReplicaIsLost } }), ordinal);
      expect(room.with('keepers').stdout).toBe(kept);
      room.remove();
    },
  );
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
  test('refuses all writes while two servers report being the primary, unless all may be', () => {
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
    const lua = filesOf(group)['role.lua'];
    expect(lua).toContain("applet.path == '/replica' and (role == 'primary' or role == 'leaving')");
    expect(lua).toContain("applet.path == '/' .. role and 200 or ends and 404 or 503");
  });

  test('knows every server by its full name, for writes and for reads', () => {
    const lines = routerCfg(group).match(/^ {2}server \S+ database-\d\.database\.shop\.svc\.cluster\.local:3306 .*$/gm);
    expect(lines?.filter((line) => line.includes('check port 8008'))).toHaveLength(10);
  });

  test('reads from the primary while there is no replica', () => {
    expect(routerCfg(pair)).toMatch(/frontend reader\n.*\n {2}use_backend primary if \{ nbsrv\(replicas\) eq 0 \}\n/);
  });
});
