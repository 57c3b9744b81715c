import { type Dashboard, rate } from './panels';
import { of } from './shared';

const each = '{{k8s_node_name}}';
const node = 'k8s_node_name';

/** Machines, and the collectors on them. */
export const nodes: Dashboard = {
  id: 'nodes',
  title: 'Nodes',
  rows: [
    {
      title: 'Processor and memory',
      panels: [
        {
          title: 'Processor in use',
          unit: 'percentunit',
          queries: [
            {
              expr: `1 - ${rate('system_cpu_time_seconds_total{state=~"idle|wait"}', node)} / ${rate('system_cpu_time_seconds_total', node)}`,
              legend: each,
            },
          ],
        },
        {
          title: 'Load, 5 minutes',
          unit: 'short',
          queries: [{ expr: `max by (${node}) (system_cpu_load_average_5m)`, legend: each }],
        },
        {
          title: 'Memory in use',
          description: 'Working set of the kubelet: without memory that the kernel can reclaim.',
          unit: 'percentunit',
          queries: [
            {
              expr: `max by (${node}) (k8s_node_memory_working_set_bytes / (k8s_node_memory_working_set_bytes + k8s_node_memory_available_bytes))`,
              legend: each,
            },
          ],
        },
        {
          title: 'Pages to and from swap',
          unit: 'iops',
          queries: [
            {
              expr: rate('system_paging_operations_total{type="major"}', `${node}, direction`),
              legend: `{{direction}}, ${each}`,
            },
          ],
        },
      ],
    },
    {
      title: 'Disk and network',
      panels: [
        {
          title: 'File system used',
          unit: 'percentunit',
          queries: [
            {
              expr: `1 - max by (${node}) (k8s_node_filesystem_available_bytes / k8s_node_filesystem_capacity_bytes)`,
              legend: each,
            },
          ],
        },
        {
          title: 'Disk bytes',
          unit: 'Bps',
          queries: [
            { expr: rate('system_disk_io_bytes_total', `${node}, direction`), legend: `{{direction}}, ${each}` },
          ],
        },
        {
          title: 'Busiest disk',
          description: 'Share of time in which it was busy.',
          unit: 'percentunit',
          queries: [
            { expr: `max by (${node}) (rate(system_disk_io_time_seconds_total[$__rate_interval]))`, legend: each },
          ],
        },
        {
          title: 'Network bytes',
          unit: 'Bps',
          queries: [
            { expr: rate('k8s_node_network_io_bytes_total', `${node}, direction`), legend: `{{direction}}, ${each}` },
          ],
        },
      ],
    },
    {
      title: 'Collectors',
      panels: [
        {
          title: 'Queue to the monitoring service',
          unit: 'percentunit',
          queries: [
            {
              expr: `max by (${node}, exporter) (otelcol_exporter_queue_size{${of.monitoring}} / otelcol_exporter_queue_capacity)`,
              legend: `{{exporter}}, ${each}`,
            },
          ],
        },
        {
          title: 'Metrics sent',
          unit: 'reqps',
          queries: [
            {
              expr: rate('otelcol_exporter_sent_metric_points_total', `${node}, exporter`),
              legend: `{{exporter}}, ${each}`,
            },
          ],
        },
        {
          title: 'Memory of the collectors',
          unit: 'bytes',
          queries: [{ expr: `max by (${node}) (otelcol_process_memory_rss_bytes)`, legend: each }],
        },
        {
          title: 'Processor of the collectors, in cores',
          unit: 'short',
          queries: [{ expr: rate('otelcol_process_cpu_seconds_total', node), legend: each }],
        },
      ],
    },
  ],
};
