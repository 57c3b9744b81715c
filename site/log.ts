/** Writes one JSON line to standard output; `time` (ISO 8601, UTC) comes first. */
export function log(fields: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...fields })}\n`);
}

/** An error as text for the log: its message and those of its causes, never a stack with machine paths. */
export function describe(error: unknown): string {
  const parts: string[] = [];
  let current: unknown = error;
  while (current !== undefined && parts.length < 5) {
    if (!(current instanceof Error)) {
      parts.push(String(current));
      break;
    }
    const { code, errno } = current as { code?: unknown; errno?: unknown };
    const tag = code ?? errno;
    parts.push(tag === undefined ? current.message : `${current.message} (${tag})`);
    current = current instanceof AggregateError ? current.errors[0] : current.cause;
  }
  return parts.join(': ');
}
