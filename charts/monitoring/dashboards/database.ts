import { type Dashboard, rate } from './panels';
import { usage } from './shared';

const each = '{{k8s_pod_name}}';

/** MySQL: primary and replicas. */
export const database: Dashboard = {
  id: 'database',
  title: 'Database',
  rows: [
    {
      title: 'Activity',
      panels: [
        {
          title: 'Statements of clients',
          unit: 'reqps',
          queries: [{ expr: rate('mysql_query_client_count_total', 'k8s_pod_name'), legend: each }],
        },
        {
          title: 'Statements by kind',
          unit: 'reqps',
          queries: [{ expr: rate('mysql_commands_total', 'command'), legend: '{{command}}' }],
        },
        {
          title: 'Rows read and written',
          unit: 'reqps',
          queries: [{ expr: rate('mysql_row_operations_total', 'operation'), legend: '{{operation}}' }],
        },
        {
          title: 'Slow statements',
          unit: 'reqps',
          queries: [{ expr: rate('mysql_query_slow_count_total', 'k8s_pod_name'), legend: each }],
        },
      ],
    },
    {
      title: 'Replication',
      panels: [
        {
          title: 'Replica behind primary',
          unit: 's',
          queries: [
            {
              expr: 'max by (k8s_pod_name) (database_replica_lag_seconds)',
              legend: each,
            },
          ],
        },
        {
          title: 'Servers that take writes',
          description: 'Always one: with none, every write is refused; with two, the data diverge.',
          unit: 'short',
          queries: [{ expr: 'sum(database_read_only == bool 0)', legend: 'writable' }],
        },
        {
          title: 'Semi-synchronous replication',
          description: 'Replicas that acknowledge each commit of a primary.',
          unit: 'short',
          queries: [{ expr: 'max by (k8s_pod_name) (database_semi_sync_clients)', legend: each }],
        },
        {
          title: 'Members of the group that are online',
          unit: 'short',
          queries: [{ expr: 'max by (k8s_pod_name) (database_group_members_online)', legend: each }],
        },
        {
          title: 'Uptime',
          unit: 's',
          queries: [{ expr: 'max by (k8s_pod_name) (database_uptime_seconds)', legend: each }],
        },
        {
          title: 'Bytes to and from clients',
          unit: 'Bps',
          queries: [{ expr: rate('mysql_client_network_io_bytes_total', 'kind'), legend: '{{kind}}' }],
        },
      ],
    },
    {
      title: 'Connections',
      panels: [
        {
          title: 'Threads',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (k8s_pod_name, kind) (mysql_threads{kind=~"connected|running"})',
              legend: `{{kind}}, ${each}`,
            },
            { expr: 'max by (k8s_pod_name) (mysql_max_used_connections)', legend: `most so far, ${each}` },
            { expr: 'max(database_max_connections)', legend: 'limit of each' },
          ],
        },
        {
          title: 'Connections refused or broken',
          unit: 'cps',
          queries: [{ expr: rate('mysql_connection_errors_total', 'error'), legend: '{{error}}' }],
        },
        {
          title: 'Waits for a row lock',
          unit: 'reqps',
          queries: [{ expr: rate('mysql_row_locks_total{kind="waits"}', 'k8s_pod_name'), legend: each }],
        },
      ],
    },
    {
      title: 'InnoDB and its volume',
      panels: [
        {
          title: 'Reads that the buffer pool did not hold',
          description: 'Pages read from disk, of all pages requested; below 1 % is good.',
          unit: 'percentunit',
          queries: [
            {
              expr: `${rate('mysql_buffer_pool_operations_total{operation="reads"}', 'k8s_pod_name')} / ${rate('mysql_buffer_pool_operations_total{operation="read_requests"}', 'k8s_pod_name')}`,
              legend: each,
            },
          ],
        },
        {
          title: 'Buffer pool in use',
          unit: 'percentunit',
          queries: [
            {
              expr: 'sum by (k8s_pod_name) (mysql_buffer_pool_usage_bytes) / sum by (k8s_pod_name) (mysql_buffer_pool_limit_bytes)',
              legend: each,
            },
          ],
        },
        {
          title: 'Volume used',
          description: "Usage of the volume's file system; local volumes show the disk that they share.",
          unit: 'percentunit',
          queries: [
            {
              expr: '1 - min by (k8s_pod_name) (k8s_volume_available_bytes{k8s_pod_name=~"database-.*", k8s_volume_name="data"} / k8s_volume_capacity_bytes)',
              legend: each,
            },
          ],
        },
      ],
    },
    { title: 'Pods', panels: usage('database', 'database-.*') },
  ],
};
