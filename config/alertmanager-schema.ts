import * as z from 'zod';
import { destination } from './fields';
import { dnsLabel, otherPods } from './kubernetes-names';
import { placement, pods } from './placement-schema';
import { resources, storage } from './tier-schema';

/** What an alert asks of people, and `watchdog`: the alert that always fires. */
const severity = z.enum(['page', 'ticket', 'watchdog']);

const port = z.number().int().min(1).max(65535);

const emailAddress = z.email('must be an e-mail address, like "on-call@example.org"');

/** What all receivers have. */
const common = {
  name: dnsLabel
    .optional()
    .describe('its name; its secret value is read from key `alert-<name>` of the Secret; its type when left out'),
  severities: z
    .array(severity)
    .min(1)
    .refine((all) => new Set(all).size === all.length, { error: 'must name each severity at most once' })
    .default(['page', 'ticket'])
    .describe(
      'alerts that it gets: `page`, `ticket`, or `watchdog`, one that comes every five minutes as long as all is well',
    ),
  to: z
    .union([destination, otherPods])
    .default('internet')
    .describe(
      'where it is, for the firewalls: `internet`, an address range, pods in the cluster ({namespace, podLabels}), or a host name where cluster.networkPolicies is `cilium`',
    ),
};

const receiver = z
  .discriminatedUnion('type', [
    z
      .strictObject({ type: z.literal('webhook'), ...common, port: port.default(443).describe('port of its address') })
      .describe("any address that takes Alertmanager's JSON; the secret value is the address"),
    z
      .strictObject({
        type: z.literal('email'),
        ...common,
        smarthost: z
          .string()
          .regex(/^[A-Za-z0-9.-]+:[1-9]\d{0,4}$/, 'must be a host and its port, like "mail.example.org:587"')
          .refine((value) => Number(value.split(':')[1] ?? 0) <= 65_535, 'must have a port of at most 65535')
          .describe('server that takes the mail, with STARTTLS (TLS from the beginning on port 465)'),
        from: emailAddress.describe('sender'),
        recipients: z.array(emailAddress).min(1).describe('who gets the mail'),
        username: z
          .string()
          .min(1)
          .optional()
          .describe(
            'account at the server; the secret value is its password. Without an account there is no secret value',
          ),
      })
      .describe('e-mail')
      .transform((email) => ({ ...email, port: Number(email.smarthost.split(':')[1]) })),
    z
      .strictObject({
        type: z.literal('slack'),
        ...common,
        channel: z
          .string()
          .regex(/^[#@]?[^\s#@]+$/, 'must be a channel, like "#alerts"')
          .optional()
          .describe('another channel than that of the webhook'),
      })
      .describe('Slack; the secret value is the address of an incoming webhook')
      .transform((slack) => ({ ...slack, port: 443 })),
    z
      .strictObject({ type: z.literal('pagerduty'), ...common })
      .describe('PagerDuty; the secret value is the key of an Events API v2 integration')
      .transform((pagerduty) => ({ ...pagerduty, port: 443 })),
  ])
  .transform(({ name, ...one }) => ({ ...one, name: name ?? one.type }));

/** Receivers of alerts. */
export const alertmanager = z
  .strictObject({
    receivers: z
      .array(receiver)
      .min(1)
      .max(20)
      .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, {
        error: 'must have different names; give those of one type a `name` each',
      })
      .describe('who receives alerts'),
    storage: storage('1Gi').describe('silences, and what was sent already'),
    resources: resources('10m', '32Mi', '200m', '128Mi'),
    placement,
    pods,
  })
  .describe('an Alertmanager in the cluster, which tells people of alerts');
