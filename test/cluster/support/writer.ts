import { spawn } from 'node:child_process';
import { CLIENT } from './backups';
import { config } from './kubectl';

/** Statements that are under way at a time: one session executes one after the other, and none waits for this machine. */
const UNDER_WAY = 4;

/** Inserts one row (`id`, `text`) after the other in one session; what was printed was committed. */
export class Writer {
  /** Number of the row, and the server's time right after its commit. */
  readonly acknowledged = new Map<number, string>();
  private readonly started = Date.now();
  private readonly client;
  private running = true;
  private sent = 0;
  private rest = '';
  private readonly done: Promise<void>;

  /** @param first number of its first row */
  constructor(
    pod: string,
    private readonly table: string,
    private readonly first = 1,
  ) {
    this.client = spawn('kubectl', ['exec', '-i', pod, '-c', 'database', '-n', config.name, '--', ...CLIENT]);
    this.client.stdin.on('error', () => undefined);
    this.client.stdout.on('data', (text: Buffer) => this.read(text.toString()));
    this.done = new Promise((resolve) => this.client.on('close', () => resolve()));
    this.write();
  }

  /** Acknowledged rows per second so far. */
  get rate(): number {
    return this.acknowledged.size / ((Date.now() - this.started) / 1000);
  }

  private write(): void {
    for (; this.running && this.sent < this.acknowledged.size + UNDER_WAY; this.sent++) {
      const id = this.first + this.sent;
      this.client.stdin.write(
        `INSERT INTO ${this.table} (id, text) VALUES (${id}, 'row ${id}'); SELECT ${id}, UTC_TIMESTAMP(6);\n`,
      );
    }
  }

  private read(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      const [id, time] = line.split('\t');
      this.acknowledged.set(Number(id), rfc3339(time ?? ''));
    }
    this.write();
  }

  async stop(): Promise<void> {
    this.running = false;
    // kubectl does not notice that the client at the other end has stopped at an error
    this.client.kill();
    await this.done;
  }
}

/** A time of MySQL's clock in UTC, all six decimals kept. */
export const rfc3339 = (time: string): string => `${time.replace(' ', 'T')}Z`;

/** A second earlier, all six decimals kept. */
export const secondBefore = (time: string): string =>
  new Date(Date.parse(time.replace(/\.\d+/, '')) - 1000).toISOString().replace('.000', /\.\d+/.exec(time)?.[0] ?? '');
