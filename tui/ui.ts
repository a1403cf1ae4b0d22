import { number } from './format.ts';
import { type KeyCommand, commandFor } from './keys.ts';
import type { DaemonState } from './state.ts';
import { freshness, underWay } from './state.ts';
import type { Meaning } from './theme.ts';

/** What a key press asks of the world outside the screen. */
export type Effect =
  | { readonly type: 'sync' }
  | { readonly type: 'estimate' }
  | { readonly type: 'fullResync' }
  | { readonly type: 'cancel'; readonly runIds: readonly string[] }
  | { readonly type: 'reconnect' }
  | { readonly type: 'quit' };

/** A question with a consequence. `armed` is false until it has been drawn: nobody agrees to what was not shown. */
export interface Question {
  readonly kind: 'confirm';
  readonly title: string;
  readonly lines: readonly string[];
  readonly yes: string;
  readonly effect: Effect;
  readonly armed: boolean;
}

export type Overlay = { readonly kind: 'help' } | { readonly kind: 'estimating' } | Question;

export interface Notice {
  readonly text: string;
  readonly meaning: Meaning;
  /** Unix milliseconds. */
  readonly untilMs: number;
}

export interface UiState {
  readonly overlay: Overlay | null;
  readonly notice: Notice | null;
}

export interface Pressed {
  readonly ui: UiState;
  readonly effect?: Effect;
}

const shownForMs = 8000;

export const quiet: UiState = { overlay: null, notice: null };

export const withNotice = (ui: UiState, text: string, meaning: Meaning, nowMs: number): UiState => ({
  ...ui,
  notice: { text, meaning, untilMs: nowMs + shownForMs },
});

const askCancel = (daemon: DaemonState): Question | undefined => {
  const streams = underWay(daemon.status);
  if (streams.length === 0) return undefined;
  return {
    kind: 'confirm',
    title: streams.length === 1 ? 'Cancel this run?' : `Cancel these ${streams.length} runs?`,
    lines: [
      ...streams.flatMap(({ stream, run }) =>
        run === null ? [] : [`${stream} ${run.kind}, ${number(run.done)} read`],
      ),
      'It stops at the edge of a page. What was read stays.',
    ],
    yes: 'cancel the run',
    effect: { type: 'cancel', runIds: streams.flatMap(({ run }) => (run === null ? [] : [run.runId])) },
    armed: false,
  };
};

const command = (ui: UiState, asked: KeyCommand, daemon: DaemonState): Pressed => {
  const refuse = (text: string): Pressed => ({ ui: withNotice(ui, text, 'waiting', daemon.nowMs) });
  const away = freshness(daemon) === 'away';
  switch (asked) {
    case 'quit':
      return { ui, effect: { type: 'quit' } };
    case 'help':
      return { ui: { ...ui, overlay: { kind: 'help' } } };
    case 'back':
      return { ui: { ...ui, notice: null } };
    case 'reconnect':
      return { ui, effect: { type: 'reconnect' } };
    case 'sync':
      return away ? refuse('Not connected: nothing was sent.') : { ui, effect: { type: 'sync' } };
    case 'fullResync':
      if (away) return refuse('Not connected: nothing was sent.');
      return { ui: { ...ui, overlay: { kind: 'estimating' } }, effect: { type: 'estimate' } };
    case 'cancel': {
      if (away) return refuse('Not connected: nothing was sent.');
      const overlay = askCancel(daemon);
      return overlay === undefined ? refuse('Nothing is running.') : { ui: { ...ui, overlay } };
    }
  }
};

/** What a key does, by what is on the screen. In a question only `y` agrees; every other key declines. */
export const press = (ui: UiState, key: string, daemon: DaemonState): Pressed => {
  const asked = commandFor(key);
  const { overlay } = ui;
  if (key === 'ctrl+c') return { ui, effect: { type: 'quit' } };
  if (overlay === null) return asked === undefined ? { ui } : command(ui, asked, daemon);
  const closed = { ...ui, overlay: null };
  switch (overlay.kind) {
    case 'help':
      return asked === 'quit' ? { ui, effect: { type: 'quit' } } : { ui: closed };
    case 'estimating':
      return asked === 'back' || key === 'return' || key === 'n' ? { ui: closed } : { ui };
    case 'confirm':
      if (key === 'y') return overlay.armed ? { ui: closed, effect: overlay.effect } : { ui };
      return { ui: closed };
  }
};

/** The question has been drawn. */
export const arm = (ui: UiState): UiState =>
  ui.overlay?.kind === 'confirm' ? { ...ui, overlay: { ...ui.overlay, armed: true } } : ui;

/** The cost of a full resync is known: the question can be asked, unless it is no longer wanted. */
export const withEstimate = (ui: UiState, lines: readonly string[]): UiState =>
  ui.overlay?.kind !== 'estimating'
    ? ui
    : {
        ...ui,
        overlay: {
          kind: 'confirm',
          title: 'Read everything again?',
          lines,
          yes: 'start the full resync',
          effect: { type: 'fullResync' },
          armed: false,
        },
      };

/** The cost could not be told; says why, and closes the question. */
export const withoutEstimate = (ui: UiState, why: string, nowMs: number): UiState =>
  ui.overlay?.kind === 'estimating' ? withNotice({ ...ui, overlay: null }, why, 'bad', nowMs) : ui;
