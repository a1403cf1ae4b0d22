import { type IPty, spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';

import { entry } from './client-process.ts';

export interface TerminalOptions {
  readonly args: readonly string[];
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** The client in a real pty, with a terminal emulator at the other end. */
export class Terminal {
  readonly exited: Promise<number>;
  /** Every byte that was drawn. */
  raw = '';
  readonly #pty: IPty;
  readonly #screen: xterm.Terminal;

  constructor({ args, columns = 80, rows = 24, env = {} }: TerminalOptions) {
    const { CI: _ci, NO_COLOR: _noColor, FORCE_COLOR: _forceColor, ...inherited } = process.env;
    this.#screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    this.#pty = spawn(process.execPath, [entry, ...args], {
      cols: columns,
      rows,
      name: env['TERM'] ?? 'xterm-256color',
      env: { ...inherited, ...env },
    });
    const exited = Promise.withResolvers<number>();
    this.exited = exited.promise;
    this.#pty.onExit(({ exitCode }) => exited.resolve(exitCode));
    this.#pty.onData((data) => {
      this.raw += data;
      this.#screen.write(data);
    });
  }

  get lines(): readonly string[] {
    const { active } = this.#screen.buffer;
    return Array.from({ length: this.#screen.rows }, (_, y) =>
      (active.getLine(active.baseY + y)?.translateToString(true) ?? '').trimEnd(),
    );
  }

  get text(): string {
    return this.lines.join('\n');
  }

  /** Whether the whole of a text, where it first stands on the screen, is dimmed. False when it is not there. */
  isDim(text: string): boolean {
    const y = this.lines.findIndex((line) => line.includes(text));
    const { active } = this.#screen.buffer;
    const row = y < 0 ? undefined : active.getLine(active.baseY + y);
    const from = this.lines[y]?.indexOf(text) ?? 0;
    const cells = Array.from(text, (_, x) => row?.getCell(from + x));
    return cells.every((cell) => cell !== undefined && cell.isDim() !== 0);
  }

  get onAlternateScreen(): boolean {
    return this.#screen.buffer.active.type === 'alternate';
  }

  get hasCursor(): boolean {
    return this.raw.lastIndexOf('\u001b[?25h') >= this.raw.lastIndexOf('\u001b[?25l');
  }

  type(keys: string): void {
    this.#pty.write(keys);
  }

  resize(columns: number, rows: number): void {
    this.#screen.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  /** Waits until the screen is as wanted; throws with the screen when it does not become so in time. */
  async until(wanted: string | RegExp | ((text: string) => boolean), withinMs = 8000): Promise<string> {
    const holds = (): boolean =>
      typeof wanted === 'string'
        ? this.text.includes(wanted)
        : wanted instanceof RegExp
          ? wanted.test(this.text)
          : wanted(this.text);
    const deadline = Date.now() + withinMs;
    while (!holds()) {
      if (Date.now() > deadline) throw new Error(`not on the screen: ${String(wanted)}\n${this.text}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return this.text;
  }

  kill(): void {
    this.#pty.kill('SIGKILL');
    this.#screen.dispose();
  }
}
