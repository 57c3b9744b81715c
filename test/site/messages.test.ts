import { HttpError } from '../../site/errors';
import { readSelection, readText } from '../../site/messages';

const selection = (query: string) => readSelection(new URLSearchParams(query));

test('without parameters the first 100 messages are read where reads go', () => {
  expect(selection('')).toEqual({ after: 0, limit: 100, last: false, consistent: false });
});

test('all parameters are understood, unknown ones are ignored', () => {
  expect(selection('after=41&limit=1000&consistent=1&x=y')).toEqual({
    after: 41,
    limit: 1000,
    last: false,
    consistent: true,
  });
  expect(selection('last=20')).toMatchObject({ limit: 20, last: true });
});

test('fails with every bad parameter named', () => {
  expect(() => selection('after=-1&limit=1001&consistent=yes')).toThrow(
    /^after: .* got "-1"; limit: .* from 1 to 1000, got "1001"; consistent: .* got "yes"$/,
  );
});

test.each([
  'limit=0',
  'limit=',
  'limit=1e2',
  'limit=1&limit=2',
  'after=9007199254740992',
  'after=1 OR 1',
  'last=5&after=1',
])('fails for ?%s', (query) => {
  expect(() => selection(query)).toThrow(HttpError);
});

test('a text is trimmed and may hold newlines, tabs and any script', () => {
  expect(readText({ text: '  a\n\tб 😀 <b>  ' })).toBe('a\n\tб 😀 <b>');
});

test('length counts characters, not UTF-16 units', () => {
  expect(readText({ text: '😀'.repeat(1000) })).toHaveLength(2000);
  expect(() => readText({ text: '😀'.repeat(1001) })).toThrow(
    'text: must have 1 to 1000 characters after trimming, got 1001',
  );
});

test.each([[null], ['text'], [[]], [{}], [{ text: 1 }]])('fails when the body is %j', (body) => {
  expect(() => readText(body)).toThrow('body: must be a JSON object with a string "text"');
});

test.each([['  '], ['a\u0000b'], ['a\rb'], ['a\u007fb'], ['a\u0085b'], ['a\ud800b']])(
  'fails for the text %j',
  (text) => {
    expect(() => readText({ text })).toThrow(/^text: must/);
  },
);
