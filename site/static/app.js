// The dynamic part of the page. Messages are inserted as text, never as HTML.

const SHOWN_FIRST = 20;
const POLL_MS = 5000;
// Commits can become visible in another order than their ids: also read a little before the newest one.
const OVERLAP = 20;

/** @type {(id: string) => any} */
const element = (id) => document.getElementById(id);
const form = element('write');
const text = element('text');
const send = form.querySelector('button');
const list = element('messages');
const empty = element('empty');
const earlier = element('earlier');
const when = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Elements by message id: a message that is received twice is shown once. */
const shown = new Map();
let newest = 0;
let oldest = 0;

/** Sends a request; throws an Error with a message for the visitor. */
async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, { signal: AbortSignal.timeout(15_000), ...options });
  } catch {
    throw new Error('the server cannot be reached');
  }
  const body = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body;
  throw new Error(body?.error ?? `the server answered ${response.status}`);
}

/** The newest message is on top; the list is ordered by id. */
function show(messages, isNew) {
  for (const message of messages) {
    if (shown.has(message.id)) continue;
    const item = document.createElement('li');
    const body = document.createElement('p');
    body.dir = 'auto';
    body.textContent = message.text;
    const time = document.createElement('time');
    time.dateTime = message.createdAt;
    time.textContent = when.format(new Date(message.createdAt));
    item.append(body, time);
    item.dataset.id = String(message.id);
    if (isNew) item.className = 'new';
    const next = [...list.children].find((other) => Number(other.dataset.id) < message.id);
    list.insertBefore(item, next ?? null);
    shown.set(message.id, item);
    newest = Math.max(newest, message.id);
    oldest = oldest === 0 ? message.id : Math.min(oldest, message.id);
  }
  empty.hidden = shown.size > 0;
  empty.textContent = 'No messages yet. Yours can be the first.';
}

function say(sentence, isFault = false) {
  const status = element('status');
  status.textContent = sentence;
  status.className = isFault ? 'fault' : '';
}

async function refresh(consistent = false) {
  const suffix = consistent ? '&consistent=1' : '';
  if (newest === 0) {
    const messages = await ask(`/messages?last=${SHOWN_FIRST}${suffix}`);
    show(messages, consistent);
    earlier.hidden = messages.length < SHOWN_FIRST;
    return;
  }
  const after = Math.max(newest - OVERLAP, oldest - 1, 0);
  show(await ask(`/messages?after=${after}&limit=1000${suffix}`), true);
}

/** Goes back by ids, in growing steps because ids have gaps. */
async function showEarlier() {
  earlier.disabled = true;
  try {
    const before = shown.size;
    for (let step = SHOWN_FIRST; step <= 1000 && shown.size === before && oldest > 1; step *= 2) {
      const after = Math.max(oldest - 1 - step, 0);
      const messages = await ask(`/messages?after=${after}&limit=${step}`);
      show(
        messages.filter(({ id }) => id < oldest),
        false,
      );
      earlier.hidden = after === 0;
      if (shown.size === before) oldest = after + 1;
    }
  } catch (error) {
    say(`Earlier messages are not available: ${error.message}.`, true);
  } finally {
    earlier.disabled = false;
  }
}

function name(id, value, role) {
  const target = element(id);
  target.textContent = value;
  target.className = '';
  if (role === undefined) return;
  const note = document.createElement('span');
  note.className = 'role';
  note.textContent = role;
  target.append(note);
}

function nameDatabase(id, side) {
  if (side.error === undefined) {
    name(id, side.host, side.read_only === 0 ? 'takes writes and reads' : 'takes reads only');
    return;
  }
  name(id, side.error);
  element(id).className = 'fault';
}

async function identify() {
  try {
    const answer = await ask('/whoami');
    name('client', answer.client ?? 'unknown');
    name('web', answer.web ?? 'unknown');
    name('app', answer.app);
    nameDatabase('writer', answer.writer);
    nameDatabase('reader', answer.reader);
  } catch (error) {
    for (const id of ['client', 'web', 'app', 'writer', 'reader']) name(id, '–');
    name('web', error.message);
    element('web').className = 'fault';
  }
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (text.value.trim() === '') {
    say('Please write something first.', true);
    text.focus();
    return;
  }
  send.disabled = true;
  say('Sending …');
  try {
    const message = await ask('/messages', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ text: text.value }),
    });
    form.reset();
    text.focus();
    say('Stored.');
    // The replica may not have it yet: read it from the primary, and show it even if that fails.
    await refresh(true).catch(() => show([message], true));
  } catch (error) {
    say(`Not sent: ${error.message}.`, true);
  } finally {
    send.disabled = false;
  }
});

text.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
text.addEventListener('input', () => say(''));
earlier.addEventListener('click', showEarlier);

async function poll() {
  if (!document.hidden) {
    await Promise.all([
      refresh().catch((error) => {
        if (shown.size === 0) empty.textContent = `Messages are not available: ${error.message}.`;
      }),
      identify(),
    ]);
  }
  setTimeout(poll, POLL_MS);
}

await poll();
