import {
  access,
  aDay,
  type Case,
  DAY,
  ends,
  growing,
  haproxy,
  latency,
  lost,
  pods,
  ratio,
  still,
  week,
} from './alert-series';

/** For each alert by its name. */
export const cases: Readonly<Record<string, Case>> = {
  WebErrorBudgetFast: { fires: access(15, 985), quiet: access(14, 986) },
  WebErrorBudgetSlow: { fires: access(7, 993), quiet: access(5, 995) },
  WebErrorBudgetLow: { fires: access(3, 1997), quiet: access(1, 1999), at: '140m' },
  WebHigh5xx: { fires: access(6, 94), quiet: access(4, 96) },
  WebQpsDrop: {
    ...week,
    fires: { 'nginx_access_requests_total{status_class="2xx"}': '0+1200x1000 1200000+0x60' },
    quiet: { 'nginx_access_requests_total{status_class="2xx"}': '0+1200x1000 1200000+500x60' },
  },
  WebQpsSurge: {
    ...week,
    fires: { 'nginx_access_requests_total{status_class="2xx"}': '0+1200x1000 1200000+9000x60' },
    quiet: { 'nginx_access_requests_total{status_class="2xx"}': '0+1200x1000 1200000+3500x60' },
  },
  NginxDroppedConnections: {
    fires: {
      'nginx_connections_accepted_total{k8s_pod_name="web-1"}': growing(10),
      'nginx_connections_handled_total{k8s_pod_name="web-1"}': growing(9),
    },
    quiet: {
      'nginx_connections_accepted_total{k8s_pod_name="web-1"}': growing(10),
      'nginx_connections_handled_total{k8s_pod_name="web-1"}': growing(10),
    },
  },
  NginxLatencyHigh: { fires: latency(11), quiet: latency(9) },
  CertificateEndsSoon: { fires: ends(20 * DAY), quiet: ends(22 * DAY) },
  CertificateEnds: { fires: ends(6 * DAY), quiet: ends(8 * DAY) },
  DatabaseCertificateEndsSoon: { fires: ends(20 * DAY, 'database'), quiet: ends(22 * DAY, 'database') },
  DatabaseCertificateEnds: { fires: ends(6 * DAY, 'database'), quiet: ends(8 * DAY, 'database') },
  PolicySelfTestFailed: {
    fires: { 'httpcheck_status{job="load-balancer", k8s_node_name="node-1", http_status_class="3xx"}': still(1) },
    quiet: {
      'httpcheck_status{job="load-balancer", k8s_node_name="node-1", http_status_class="3xx"}': still(0),
      'httpcheck_status{job="app", k8s_node_name="node-1", http_status_class="2xx"}': still(1),
    },
  },
  AppNotReady: {
    fires: { 'httpcheck_status{job="app", k8s_pod_name="app-0", http_status_class="2xx"}': still(0) },
    quiet: { 'httpcheck_status{job="app", k8s_pod_name="app-0", http_status_class="2xx"}': still(1) },
  },
  AppEventLoopBlocked: {
    fires: pods('nodejs_eventloop_lag_p99_seconds', 0.6),
    quiet: pods('nodejs_eventloop_lag_p99_seconds', 0.4),
  },
  AppPoolExhausted: {
    fires: {
      'database_pool_connections{k8s_pod_name="app-0", pool="writer", state="in_use"}': still(10),
      'database_pool_connections{k8s_pod_name="app-0", pool="writer", state="limit"}': still(10),
    },
    quiet: {
      'database_pool_connections{k8s_pod_name="app-0", pool="writer", state="in_use"}': still(8),
      'database_pool_connections{k8s_pod_name="app-0", pool="writer", state="limit"}': still(10),
    },
  },
  WorkerRestarts: {
    // for 40 s, and then no more for five minutes, in which Prometheus has the last value
    fires: {
      'container_uptime_seconds_total{k8s_pod_name="worker-jobs-0", k8s_container_name="worker"}': `${Array(25).fill('10 40 _x8').join(' ')}`,
    },
    quiet: {
      'container_uptime_seconds_total{k8s_pod_name="worker-jobs-0", k8s_container_name="worker"}': '0+30x240',
      // a program on a schedule ends soon by itself
      'container_uptime_seconds_total{k8s_pod_name="schedule-nightly-0", k8s_container_name="worker"}':
        '_x225 0+30x4 _x20',
      // another container of its pod
      'container_uptime_seconds_total{k8s_pod_name="worker-jobs-0", k8s_container_name="router"}': still(20),
    },
  },
  LbNoAliveBackends: {
    fires: { [haproxy('haproxy_active', 'BACKEND')]: still(0), [haproxy('haproxy_backup', 'BACKEND')]: still(0) },
    quiet: { [haproxy('haproxy_active', 'BACKEND')]: still(1), [haproxy('haproxy_backup', 'BACKEND')]: still(0) },
  },
  LbServerDown: {
    fires: { [haproxy('haproxy_failed_checks_total', 'BACKEND')]: growing(2) },
    quiet: { [haproxy('haproxy_failed_checks_total', 'BACKEND')]: growing(1) },
  },
  LbSessionsHigh: {
    fires: {
      [haproxy('haproxy_sessions_count', 'FRONTEND')]: still(81),
      [haproxy('haproxy_sessions_limit', 'FRONTEND')]: still(100),
    },
    quiet: {
      [haproxy('haproxy_sessions_count', 'FRONTEND')]: still(79),
      [haproxy('haproxy_sessions_limit', 'FRONTEND')]: still(100),
    },
  },
  LbQueue: {
    fires: { [haproxy('haproxy_requests_queued_total', 'BACKEND')]: still(1) },
    quiet: { [haproxy('haproxy_requests_queued_total', 'BACKEND')]: still(0) },
  },
  LbRetryHigh: {
    fires: { [haproxy('haproxy_connections_retries_total', 'BACKEND')]: growing(330) },
    quiet: { [haproxy('haproxy_connections_retries_total', 'BACKEND')]: growing(270) },
  },
  MysqlDown: {
    fires: { 'database_uptime_seconds{k8s_pod_name="database-0"}': lost },
    quiet: { 'database_uptime_seconds{k8s_pod_name="database-0"}': growing(30) },
  },
  MysqlRestarted: {
    fires: { 'database_uptime_seconds{k8s_pod_name="database-0"}': still(59) },
    quiet: { 'database_uptime_seconds{k8s_pod_name="database-0"}': still(61) },
  },
  NoWritablePrimary: { fires: pods('database_primary', 0, 0), quiet: pods('database_primary', 1, 0) },
  TwoWritablePrimaries: { fires: pods('database_read_only', 0, 0), quiet: pods('database_read_only', 0, 1) },
  ReplicaThreadsStopped: {
    fires: { ...pods('database_replica_receiver_running', 1), ...pods('database_replica_applier_running', 0) },
    quiet: { ...pods('database_replica_receiver_running', 1), ...pods('database_replica_applier_running', 1) },
  },
  ReplicaLag: { fires: pods('database_replica_lag_seconds', 31), quiet: pods('database_replica_lag_seconds', 29) },
  ReplicaLagHigh: {
    fires: pods('database_replica_lag_seconds', 301),
    quiet: pods('database_replica_lag_seconds', 299),
  },
  SemiSyncOff: {
    fires: { ...pods('database_semi_sync_source_active', 1, 0), ...pods('database_semi_sync_clients', 0, 0) },
    quiet: { ...pods('database_semi_sync_source_active', 1, 0), ...pods('database_semi_sync_clients', 1, 0) },
  },
  ErrantTransactions: {
    fires: { 'database_state{k8s_pod_name="database-1", state="apart"}': still(1) },
    quiet: { 'database_state{k8s_pod_name="database-1", state="lagging"}': still(1) },
  },
  DatabaseOutOfService: { fires: pods('database_in_service', 1, 0), quiet: pods('database_in_service', 1, 1) },
  GroupMemberMissing: {
    fires: { ...pods('database_group_size', 3, 3), ...pods('database_group_members_online', 2, 2) },
    quiet: { ...pods('database_group_size', 3, 3), ...pods('database_group_members_online', 3, 3) },
  },
  MysqlConnectionsHigh: ratio('database_threads_connected', 'database_max_connections', [81, 79]),
  MysqlThreadsRunningHigh: ratio('database_threads_running', 'database_max_connections', [61, 59]),
  SlowQueries: {
    fires: { 'mysql_query_slow_count_total{k8s_pod_name="database-0"}': growing(0.6) },
    quiet: { 'mysql_query_slow_count_total{k8s_pod_name="database-0"}': growing(0.4) },
  },
  InnodbLogWaits: {
    fires: { 'mysql_log_operations_total{k8s_pod_name="database-0", operation="waits"}': growing(4) },
    quiet: { 'mysql_log_operations_total{k8s_pod_name="database-0", operation="waits"}': growing(2) },
  },
  BufferPoolFull: {
    fires: {
      'mysql_buffer_pool_pages{k8s_pod_name="database-0", kind="data"}': still(91),
      'mysql_buffer_pool_pages{k8s_pod_name="database-0", kind="total"}': still(100),
    },
    quiet: {
      'mysql_buffer_pool_pages{k8s_pod_name="database-0", kind="data"}': still(89),
      'mysql_buffer_pool_pages{k8s_pod_name="database-0", kind="total"}': still(100),
    },
  },
  BackupStale: aDay('backup_last_success_timestamp_seconds'),
  VolumeBackupStale: aDay('backup_volumes_last_success_timestamp_seconds'),
  BinlogShippingStale: {
    fires: { backup_binlog_last_shipped_timestamp_seconds: still(0) },
    quiet: { backup_binlog_last_shipped_timestamp_seconds: growing(30) },
  },
  BinlogGap: {
    fires: { backup_binlog_gap: still(1) },
    quiet: { backup_binlog_gap: still(0) },
  },
  RestoreDrillStale: {
    fires: { restore_drill_last_success_timestamp_seconds: '0+0x1300' },
    quiet: { restore_drill_last_success_timestamp_seconds: '0+0x1000 90000+0x300' },
    interval: '10m',
    at: '200h',
  },
  NodeCpuHigh: {
    fires: { 'system_cpu_utilization_ratio{k8s_node_name="node-1", cpu="cpu0", state="idle"}': still(0.14) },
    quiet: { 'system_cpu_utilization_ratio{k8s_node_name="node-1", cpu="cpu0", state="idle"}': still(0.16) },
  },
  NodeMemoryHigh: {
    fires: { 'system_memory_utilization_ratio{k8s_node_name="node-1", state="used"}': still(0.91) },
    quiet: { 'system_memory_utilization_ratio{k8s_node_name="node-1", state="used"}': still(0.89) },
  },
  NodeDiskHigh: ratio(
    'k8s_node_filesystem_available_bytes',
    'k8s_node_filesystem_capacity_bytes',
    [14, 16],
    'k8s_node_name="node-1"',
  ),
  VolumeHigh: ratio(
    'k8s_volume_available_bytes',
    'k8s_volume_capacity_bytes',
    [14, 16],
    'k8s_pod_name="database-0", k8s_volume_name="data"',
  ),
  VolumeFullIn24h: {
    fires: { 'k8s_volume_available_bytes{k8s_pod_name="database-0", k8s_volume_name="data"}': '1000-1x300' },
    quiet: { 'k8s_volume_available_bytes{k8s_pod_name="database-0", k8s_volume_name="data"}': '10000-1x300' },
  },
  AgentSilent: {
    fires: { 'system_cpu_load_average_1m{k8s_node_name="node-1"}': lost },
    quiet: { 'system_cpu_load_average_1m{k8s_node_name="node-1"}': still(1) },
  },
  TierSilent: {
    fires: { 'nginx_requests_total{job="web"}': lost, 'haproxy_active{job="load-balancer"}': still(1) },
    quiet: { 'nginx_requests_total{job="web"}': still(1), 'haproxy_active{job="load-balancer"}': still(1) },
  },
  LogsUnreadable: {
    fires: { 'otelcol_fileconsumer_open_files{k8s_pod_name="collector-1"}': still(0) },
    quiet: {
      'otelcol_fileconsumer_open_files{k8s_pod_name="collector-1"}': still(0),
      'otelcol_fileconsumer_open_files{k8s_pod_name="collector-2"}': still(1),
    },
  },
  AgentQueueFull: ratio(
    'otelcol_exporter_queue_size',
    'otelcol_exporter_queue_capacity',
    [81, 79],
    'k8s_pod_name="collector-1", exporter="sumologic"',
  ),
  AgentSendFailing: {
    fires: {
      'otelcol_exporter_send_failed_metric_points_total{k8s_pod_name="collector-1", exporter="sumologic"}': growing(1),
    },
    quiet: {
      'otelcol_exporter_send_failed_metric_points_total{k8s_pod_name="collector-1", exporter="sumologic"}': still(5),
    },
  },
};
