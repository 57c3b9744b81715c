import { DatabaseTrouble, type Trouble } from '../../site/errors';
import type { Message, MessageStore } from '../../site/messages';

/** Messages in memory. Set `trouble` and every call fails with it. */
export interface FakeStore extends MessageStore {
  trouble: Trouble | undefined;
  readonly messages: Message[];
}

/** A store without a database. */
export function fakeStore(): FakeStore {
  const messages: Message[] = [];
  const check = () => {
    if (store.trouble) throw new DatabaseTrouble(store.trouble, new Error('db-0.internal said no'));
  };
  const store: FakeStore = {
    trouble: undefined,
    messages,
    async add(text) {
      check();
      const message = { id: messages.length + 1, text, createdAt: '2026-01-02T03:04:05.678Z' };
      messages.push(message);
      return message;
    },
    async find({ after, limit, last, consistent }) {
      check();
      const found = last ? messages.slice(-limit) : messages.filter(({ id }) => id > after).slice(0, limit);
      return { messages: found, from: consistent ? 'writer' : 'reader' };
    },
    async identify() {
      return { writer: { host: 'database-0', read_only: 0 }, reader: { error: 'lost' } };
    },
    async ping() {
      check();
    },
  };
  return store;
}
