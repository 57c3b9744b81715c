import { DatabaseTrouble, HttpError, toHttpError, toTrouble } from '../../site/errors';
import { describe as describeError } from '../../site/log';

const driverError = (fields: object) => Object.assign(new Error('from db-0.internal'), fields);
const troubleOf = (fields: object, sent: boolean) => {
  const classed = toTrouble(driverError(fields), sent);
  return classed instanceof DatabaseTrouble ? classed.trouble : classed;
};

test.each([
  [{ errno: -111, code: 'ECONNREFUSED' }, false, 'unreachable'],
  [{ code: 'ETIMEDOUT' }, false, 'unreachable'],
  [{ code: 'PROTOCOL_CONNECTION_LOST' }, true, 'unknown'],
  [{ errno: -104, code: 'ECONNRESET' }, true, 'unknown'],
  [{ errno: 1053 }, true, 'unknown'],
  [{ errno: 1053 }, false, 'unreachable'],
  [{ errno: 1290 }, true, 'read-only'],
  [{ errno: 1836 }, true, 'read-only'],
  [{ errno: 3100 }, true, 'read-only'],
  [{ errno: 1040 }, false, 'busy'],
  [{ errno: 1146 }, true, 'not-ready'],
])('%j (sent: %s) is the trouble %s', (fields, sent, trouble) => {
  expect(troubleOf(fields, sent)).toBe(trouble);
});

test('a mistake in a statement is no trouble of the database', () => {
  const error = driverError({ errno: 1064 });
  expect(toTrouble(error, true)).toBe(error);
  expect(toHttpError(error)).toMatchObject({ status: 500, message: 'the server made a mistake' });
});

test('a trouble is 503 with Retry-After, and tells the client nothing of the inside', () => {
  const error = toHttpError(toTrouble(driverError({ code: 'ECONNREFUSED' }), false));
  expect(error).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } });
  expect(error.message).not.toContain('internal');
});

test('a write without an answer tells that it may have been stored', () => {
  expect(toHttpError(toTrouble(driverError({}), true)).message).toContain('it may have been stored');
});

test('an HTTP error stays as it is', () => {
  const error = new HttpError(404, 'nothing here');
  expect(toHttpError(error)).toBe(error);
});

test('the log gets the causes with their codes', () => {
  expect(describeError(toTrouble(driverError({ errno: 1290 }), true))).toBe(
    'database: read-only: from db-0.internal (1290)',
  );
});
