import { Testing } from 'cdk8s';
import { DatabaseChart } from '../../charts/database';
import { accountsSql, schemaSql } from '../../charts/database/accounts';
import { myCnf } from '../../charts/database/my-cnf';
import { RESERVED_CONNECTIONS, sizesOf } from '../../config/sizes';
import { configFrom } from '../support/configs';

// biome-ignore lint/suspicious/noExplicitAny: manifests as they are synthesized
const manifests = (yaml = ''): any[] => Testing.synth(new DatabaseChart(Testing.app(), configFrom(yaml)));
const only = (kind: string, name: string) =>
  manifests().find((object) => object.kind === kind && object.metadata.name === name);

describe('sizes', () => {
  const limited = (memory: string, size = '10Gi') =>
    sizesOf(
      configFrom(
        `database: { resources: { limits: { cpu: "1", memory: ${memory} }, requests: { cpu: 100m, memory: 256Mi } }, storage: { size: ${size} } }`,
      ).database,
    );

  test('follow the memory limit', () => {
    expect(
      ['384Mi', '512Mi', '1Gi', '4Gi', '16Gi'].map((memory) => JSON.stringify(limited(memory))),
    ).toMatchInlineSnapshot(`
[
  "{"bufferPool":64,"groupCache":0,"redoLog":100,"binaryLogs":2560,"temporaryTables":24,"connections":96,"appliers":4}",
  "{"bufferPool":64,"groupCache":0,"redoLog":100,"binaryLogs":2560,"temporaryTables":32,"connections":128,"appliers":4}",
  "{"bufferPool":256,"groupCache":0,"redoLog":100,"binaryLogs":2560,"temporaryTables":64,"connections":256,"appliers":8}",
  "{"bufferPool":2048,"groupCache":0,"redoLog":512,"binaryLogs":2560,"temporaryTables":256,"connections":1024,"appliers":16}",
  "{"bufferPool":11136,"groupCache":0,"redoLog":1024,"binaryLogs":2560,"temporaryTables":1024,"connections":2000,"appliers":16}",
]
`);
  });

  test.each(['384Mi', '512Mi', '768Mi', '1Gi', '8Gi', '64Gi'])('leave room for the server itself at %s', (memory) => {
    const limit = Number.parseInt(memory, 10) * (memory.endsWith('Gi') ? 1024 : 1);
    const { bufferPool, connections, appliers } = limited(memory);
    expect(bufferPool + 200 + connections * 0.7 + appliers * 12).toBeLessThan(limit);
    expect(connections).toBeGreaterThan(RESERVED_CONNECTIONS);
  });

  test('keep the redo log below a tenth of the volume', () => {
    expect(limited('16Gi', '2Gi').redoLog).toBe(204);
  });
});

describe('my.cnf', () => {
  const settings = Object.fromEntries(
    [...myCnf(configFrom()).matchAll(/^(\w+) = (.*)$/gm)].map(([, name, value]) => [name, value]),
  );

  test('loses nothing that was acknowledged', () => {
    expect(settings).toMatchObject({ innodb_flush_log_at_trx_commit: '1', sync_binlog: '1', innodb_doublewrite: 'ON' });
  });

  test('makes a server without a role read-only and alone', () => {
    expect(settings).toMatchObject({
      super_read_only: 'ON',
      skip_replica_start: 'ON',
      gtid_mode: 'ON',
      enforce_gtid_consistency: 'ON',
    });
  });

  test('lets no client in without TLS, and reads no file for one', () => {
    expect(settings).toMatchObject({
      require_secure_transport: 'ON',
      tls_version: 'TLSv1.2,TLSv1.3',
      local_infile: 'OFF',
      secure_file_priv: 'NULL',
      mysqlx: 'OFF',
      skip_name_resolve: 'ON',
    });
  });
});

describe('the app’s schema', () => {
  const config = configFrom('database: { name: my_shop, collation: utf8mb4_bin, settings: { sql_mode: "" } }');

  test('has the name and the collation of the configuration', () => {
    expect(schemaSql(config)).toBe('CREATE DATABASE `my_shop` COLLATE utf8mb4_bin;\n');
    expect(myCnf(config)).toContain('\ncharacter_set_server = utf8mb4\ncollation_server = utf8mb4_bin\n');
  });

  test('is all that the app may use: _ stands for itself in its grant', () => {
    expect(accountsSql(config)).toContain("GRANT ALL ON `my\\_shop`.* TO 'app'@'%';");
  });

  test('settings of the configuration come last in my.cnf', () => {
    expect(myCnf(config)).toMatch(/\n\n# database.settings\nsql_mode = ""\n$/);
    expect(myCnf(configFrom())).not.toContain('database.settings');
  });

  test('the app may create functions and triggers', () => {
    expect(myCnf(config)).toContain('\nlog_bin_trust_function_creators = ON\n');
  });
});

describe('accounts', () => {
  const lines = accountsSql(configFrom()).trim().split('\n');

  test('may do what they are for and nothing else', () => {
    expect(lines.filter((line) => line.startsWith('GRANT'))).toMatchInlineSnapshot(`
[
  "GRANT ALL ON \`site\`.* TO 'app'@'%';",
  "GRANT REPLICATION SLAVE, BACKUP_ADMIN, EVENT ON *.* TO 'replication'@'%';",
  "GRANT PROCESS, REPLICATION CLIENT ON *.* TO 'monitoring'@'%';",
  "GRANT SELECT ON \`performance_schema\`.* TO 'monitoring'@'%';",
  "GRANT SELECT, PROCESS, REPLICATION CLIENT, REPLICATION SLAVE, BACKUP_ADMIN, FLUSH_TABLES, LOCK TABLES ON *.* TO 'backup'@'%';",
]
`);
  });

  test('come over the network with TLS alone, root not at all', () => {
    for (const line of lines.filter((line) => /^(CREATE|ALTER) USER/.test(line))) {
      expect(line).toMatch(/'root'@'localhost'|'@'%' IDENTIFIED BY '\{\{\w+\}\}' REQUIRE SSL/);
    }
  });

  test('stay out of the binary log, and root is the last to change', () => {
    expect(lines[0]).toBe('SET SESSION sql_log_bin = 0;');
    expect(lines.at(-1)).toMatch(/^ALTER USER 'root'/);
  });

  test('leave connections for replication, monitoring and backup', () => {
    const of = (name: string) =>
      Number(lines.find((line) => line.startsWith(`ALTER USER '${name}'`))?.match(/(\d+);$/)?.[1]);
    const { connections } = sizesOf(configFrom().database);
    expect(of('app') + of('monitoring') + of('backup')).toBeLessThan(connections);
  });
});

describe('manifests', () => {
  test('one StatefulSet whose pods return independently of each other', () => {
    expect(only('StatefulSet', 'database').spec).toMatchObject({
      replicas: 2,
      serviceName: 'database',
      podManagementPolicy: 'Parallel',
      template: { spec: { terminationGracePeriodSeconds: 120, automountServiceAccountToken: false } },
    });
  });

  test('claim templates say what the API server would fill in', () => {
    expect(only('StatefulSet', 'database').spec.volumeClaimTemplates).toMatchObject([
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data' },
        spec: { volumeMode: 'Filesystem' },
      },
    ]);
  });

  test('a crash recovery has six hours, and liveness asks less than readiness', () => {
    const [container] = only('StatefulSet', 'database').spec.template.spec.containers;
    const { startupProbe, livenessProbe, readinessProbe } = container;
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBe(6 * 3600);
    expect(livenessProbe.exec.command).toContain('ping');
    expect(readinessProbe.exec.command).toEqual(['bash', '/etc/threewall/ready.sh']);
  });

  test('passwords and certificates are files: in no argument, no variable', () => {
    const [container] = only('StatefulSet', 'database').spec.template.spec.containers;
    expect(container.env).toBeUndefined();
    expect(container.envFrom).toBeUndefined();
    expect(only('StatefulSet', 'database').spec.template.spec.volumes).toMatchObject([
      {},
      { secret: { secretName: 'database-tls', defaultMode: 0o440 } },
      { secret: { secretName: 'database-users', defaultMode: 0o440 } },
      { emptyDir: { medium: 'Memory' } },
    ]);
  });

  test.each([
    ['database', { clusterIP: 'None', publishNotReadyAddresses: true }, 'mysql'],
    ['database-primary', {}, 'writer'],
    ['database-replica', {}, 'reader'],
  ])('Service %s', (name, spec, targetPort) => {
    expect(only('Service', name).spec).toMatchObject({ ...spec, ports: [{ port: 3306, targetPort }] });
  });

  test('a drain takes one at a time', () => {
    expect(only('PodDisruptionBudget', 'database').spec.maxUnavailable).toBe(1);
  });
});
