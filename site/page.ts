/** Values that differ between sites or versions. */
export interface PageOptions {
  /** Title, plain text. */
  readonly siteName: string;
  /** Changes with any static file. */
  readonly staticVersion: string;
  /** Most characters of a message. */
  readonly textLimit: number;
}

/**
 * The page as HTML: the same for every visitor and without messages, so that it works without a database.
 * It contains no inline script or style: Nginx sends `Content-Security-Policy: default-src 'self'`.
 */
export function renderPage({ siteName, staticVersion, textLimit }: PageOptions): string {
  const title = escapeHtml(siteName);
  const file = (name: string) => `/static/${name}?v=${encodeURIComponent(staticVersion)}`;
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title}</title>
  <link rel="icon" href="${file('favicon.svg')}" type="image/svg+xml">
  <link rel="stylesheet" href="${file('app.css')}">
  <script src="${file('app.js')}" type="module"></script>
</head>
<body>
  <header>
    <img src="${file('favicon.svg')}" alt="" width="36" height="36">
    <h1>${title}</h1>
  </header>
  <main>
    <section aria-labelledby="write-title">
      <h2 id="write-title">Leave a message</h2>
      <form id="write">
        <label for="text" class="hidden">Message</label>
        <textarea id="text" name="text" rows="3" required maxlength="${textLimit}" placeholder="What would you like to say?"
          aria-describedby="hint status"></textarea>
        <div class="row">
          <span id="hint"><kbd>Ctrl</kbd> <kbd>Enter</kbd> sends</span>
          <button type="submit">Send</button>
        </div>
        <p id="status" role="status"></p>
      </form>
    </section>
    <section aria-labelledby="path-title" id="path">
      <h2 id="path-title">Who answered</h2>
      <dl>
        <div><dt>You</dt><dd id="client">…</dd></div>
        <div><dt>Web server</dt><dd id="web">…</dd></div>
        <div><dt>App</dt><dd id="app">…</dd></div>
        <div><dt>Database for writes</dt><dd id="writer">…</dd></div>
        <div><dt>Database for reads</dt><dd id="reader">…</dd></div>
      </dl>
    </section>
    <section aria-labelledby="read-title">
      <h2 id="read-title">Messages</h2>
      <ol id="messages" aria-live="polite" aria-relevant="additions"></ol>
      <p id="empty">Loading …</p>
      <button type="button" id="earlier" hidden>Show earlier messages</button>
    </section>
  </main>
  <noscript><p>Reading and writing messages needs JavaScript.</p></noscript>
</body>
</html>
`;
}

/** Makes text safe inside HTML elements and quoted attributes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
