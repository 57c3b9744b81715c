import { eventually } from './eventually';

test.each([undefined, false, ''])('the answer %j is none yet', async (answer) => {
  let asked = 0;
  expect(await eventually('it is there', 60, async () => (asked++ === 0 ? answer : 'there'))).toBe('there');
  expect(asked).toBe(2);
});

test.each([0, [], 'text'])('the answer %j is one', async (answer) => {
  expect(await eventually('it is there', 60, async () => answer)).toBe(answer);
});

test('what came last is in the message', async () => {
  const asked = eventually('it is there', 0, async () => {
    throw new Error('not found');
  });
  await expect(asked).rejects.toThrow('it is there: not within 0 s; last: not found');
});
