/** Status lines: rewritten in place on a terminal, otherwise printed on each change. */
export interface Screen {
  /**
   * @param lines by key; `brief` is printed everywhere, `detail` is added on a terminal
   */
  show(lines: ReadonlyMap<string, { readonly brief: string; readonly detail: string }>): void;
}

/** The screen for an output stream. */
export const screenFor = (out: NodeJS.WriteStream): Screen => (out.isTTY ? new Terminal(out) : new Log(out));

class Terminal implements Screen {
  private height = 0;
  constructor(private readonly out: NodeJS.WriteStream) {}

  show(lines: Parameters<Screen['show']>[0]): void {
    const width = this.out.columns || 80;
    const text = [...lines.values()].map(({ brief, detail }) => `\x1b[2K${`${brief} ${detail}`.slice(0, width - 1)}\n`);
    this.out.write(`${this.height > 0 ? `\x1b[${this.height}A` : ''}${text.join('')}`);
    this.height = lines.size;
  }
}

class Log implements Screen {
  private readonly said = new Map<string, string>();
  constructor(private readonly out: NodeJS.WritableStream) {}

  show(lines: Parameters<Screen['show']>[0]): void {
    for (const [key, { brief }] of lines) {
      if (this.said.get(key) !== brief) this.out.write(`${brief}\n`);
      this.said.set(key, brief);
    }
  }
}
