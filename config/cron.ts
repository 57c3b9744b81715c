import * as z from 'zod';
import { nearest } from './nearest';

const NAMES = {
  month: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  day: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
};
const FIELDS: readonly (readonly [name: string, least: number, most: number, names: readonly string[]])[] = [
  ['minute', 0, 59, []],
  ['hour', 0, 23, []],
  ['day of the month', 1, 31, []],
  ['month', 1, 12, NAMES.month],
  ['day of the week', 0, 6, NAMES.day],
];

/**
 * The fault of a schedule, undefined if Kubernetes accepts it: five fields of numbers, names, ranges, lists and steps.
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 */
function cronFault(text: string): string | undefined {
  const fields = text.split(' ');
  if (fields.length !== 5) return 'must be a schedule of five fields, like "17 3 * * *"';
  for (const [i, field] of fields.entries()) {
    const [name, least, most, names] = FIELDS[i] as (typeof FIELDS)[number];
    const offset = name === 'month' ? 1 : 0;
    const number = (word = ''): number => {
      const at = names.indexOf(word.toLowerCase());
      return at >= 0 ? at + offset : /^\d+$/.test(word) ? Number(word) : Number.NaN;
    };
    const isInside = (value: number): boolean => value >= least && value <= most;
    const fits = field.split(',').every((item) => {
      const [, range = '', step] = /^([^/]+)(?:\/(\d+))?$/.exec(item) ?? [];
      if (step !== undefined && Number(step) < 1) return false;
      if (range === '*' || range === '?') return true;
      const [from, to = from, ...more] = range.split('-');
      return more.length === 0 && isInside(number(from)) && isInside(number(to)) && number(from) <= number(to);
    });
    if (!fits) {
      const examples = names.length > 0 ? `, or ${names[0]} to ${names.at(-1)}` : '';
      return `must be a schedule like "17 3 * * *"; its ${name} "${field}" must be ${least} to ${most}${examples}, "*", a range, a list or a step`;
    }
  }
  return undefined;
}

/** A schedule of Kubernetes' CronJobs. */
export const cron = z.string().check((context) => {
  const message = cronFault(context.value);
  if (message) context.issues.push({ code: 'custom', message, input: context.value });
});

/** The fault of a time zone, undefined if Kubernetes knows it: it reads the names of IANA as they are written, and no `Local`. */
function zoneFault(zone: string): string | undefined {
  const wanted = 'must be the name of a time zone, like "Europe/Berlin"';
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(zone)) return wanted;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions();
    const isMisspelt = timeZone !== zone && timeZone.toLowerCase() === zone.toLowerCase();
    return isMisspelt ? `${wanted}; did you mean "${timeZone}"?` : undefined;
  } catch {
    const near = nearest(zone, Intl.supportedValuesOf('timeZone'));
    return near ? `${wanted}; did you mean "${near}"?` : wanted;
  }
}

/** Name of a time zone in the database of IANA. @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones */
export const timeZone = z.string().check((context) => {
  const message = zoneFault(context.value);
  if (message) context.issues.push({ code: 'custom', message, input: context.value });
});
