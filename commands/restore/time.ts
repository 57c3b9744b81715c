import { UsageError } from '../command';

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d{1,6})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/**
 * The time of a restore, in UTC with the fraction that was given, or `latest`.
 * @param now milliseconds; what lies in the future cannot be restored
 * @throws UsageError that says what is allowed
 */
export function restoreTime(text: string | undefined, now: number): string {
  const wanted =
    'must be "latest" or a time with its zone, like "2026-01-31T23:59:59Z" or "2026-01-31T23:59:59.25+01:00"';
  if (text === undefined) throw new UsageError(`--at: is required: ${wanted}`);
  if (text === 'latest') return text;
  const [, , month, day, , , , fraction = ''] = RFC_3339.exec(text) ?? [];
  const milliseconds = Date.parse(text.replace(/\.\d+/, ''));
  if (month === undefined || Number.isNaN(milliseconds) || !isDay(text.slice(0, 10), Number(month), Number(day))) {
    throw new UsageError(`--at: ${wanted}, got "${text}"`);
  }
  if (milliseconds > now) throw new UsageError(`--at: must not lie in the future, got "${text}"`);
  return new Date(milliseconds).toISOString().replace('.000Z', `${fraction}Z`);
}

/**
 * The id of a restore that is to be taken back.
 * @throws UsageError for what is no id: it becomes part of Jobs' names, which 63 characters bound
 */
export function restoreId(text: string): string {
  if (/^\d{8}t\d{6}z(-undo){0,6}$/.test(text)) return text;
  throw new UsageError(`--undo: must be the ID that a restore said at its end, like "20260131t235959z", got "${text}"`);
}

/** JavaScript takes the 31st of February for the 3rd of March. */
function isDay(date: string, month: number, day: number): boolean {
  const parsed = new Date(`${date}T00:00:00Z`);
  return parsed.getUTCMonth() + 1 === month && parsed.getUTCDate() === day;
}
