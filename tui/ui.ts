import { auditedStreams } from '../shared/streams.ts';
import type { Progress, Status } from '../shared/views.ts';
import { number } from './format.ts';
import { type KeyCommand, commandFor } from './keys.ts';
import { type Place, covers, placeWords, stepped, stillThere } from './place.ts';
import type { DaemonState } from './state.ts';
import { freshness, underWay } from './state.ts';
import type { Meaning } from './theme.ts';
import { doneWords, kindWord } from './words.ts';

/** What a key press asks of the world outside the screen. */
export type Effect =
  | { readonly type: 'sync' | 'estimate' | 'fullResync' | 'audit'; readonly place: Place | null }
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

export type Overlay =
  | { readonly kind: 'help' }
  | { readonly kind: 'estimating'; readonly place: Place | null; readonly title: string }
  | Question;

export interface Notice {
  readonly text: string;
  readonly meaning: Meaning;
  /** Unix milliseconds. */
  readonly untilMs: number;
}

export interface UiState {
  readonly overlay: Overlay | null;
  readonly notice: Notice | null;
  /** What the keys act on; null: everything. */
  readonly selected: Place | null;
}

export interface Pressed {
  readonly ui: UiState;
  readonly effect?: Effect;
}

const shownForMs = 8000;

export const quiet: UiState = { overlay: null, notice: null, selected: null };

export const withNotice = (ui: UiState, text: string, meaning: Meaning, nowMs: number): UiState => ({
  ...ui,
  notice: { text, meaning, untilMs: nowMs + shownForMs },
});

/** A question lists so many runs, and counts the rest. */
const listedRuns = 6;

/** How far a run is that somebody wants to cancel. */
const doneBefore = (run: Progress): string => (kindWord(run) === '' ? `${number(run.done)} read` : doneWords(run));

const askAudit = (status: Status | null, place: Place | null): Question => ({
  kind: 'confirm',
  title: status === null ? 'Audit everything?' : `Audit ${placeWords(status, place)}?`,
  lines: [
    'What TikTok counts is compared with what is stored.',
    'That takes a few requests, and more only where it differs:',
    'what differs twice is read again and repaired.',
  ],
  yes: 'start the audit',
  effect: { type: 'audit', place },
  armed: false,
});

const askCancel = ({ status }: DaemonState, selected: Place | null): Question | undefined => {
  const streams = underWay(status).filter((stream) => covers(selected, stream));
  if (status === null || streams.length === 0) return undefined;
  const more = streams.length - listedRuns;
  return {
    kind: 'confirm',
    title: streams.length === 1 ? 'Cancel this run?' : `Cancel these ${streams.length} runs?`,
    lines: [
      ...streams
        .slice(0, listedRuns)
        .flatMap((at) => (at.run === null ? [] : [`${placeWords(status, at)}: ${at.run.kind}, ${doneBefore(at.run)}`])),
      ...(more > 0 ? [`and ${more} more`] : []),
      'It stops at the edge of a page. What was read stays.',
    ],
    yes: streams.length === 1 ? 'cancel the run' : `cancel ${streams.length} runs`,
    effect: { type: 'cancel', runIds: streams.flatMap(({ run }) => (run === null ? [] : [run.runId])) },
    armed: false,
  };
};

const resyncTitle = (status: Status | null, place: Place | null): string =>
  status === null || place === null ? 'Read everything again?' : `Read ${placeWords(status, place)} again?`;

const command = (ui: UiState, asked: KeyCommand, daemon: DaemonState): Pressed => {
  const refuse = (text: string): Pressed => ({ ui: withNotice(ui, text, 'waiting', daemon.nowMs) });
  const away = freshness(daemon) === 'away';
  const { status } = daemon;
  const place = stillThere(status, ui.selected);
  switch (asked) {
    case 'quit':
      return { ui, effect: { type: 'quit' } };
    case 'help':
      return { ui: { ...ui, overlay: { kind: 'help' } } };
    case 'back':
      return { ui: { ...ui, notice: null, selected: null } };
    case 'reconnect':
      return { ui, effect: { type: 'reconnect' } };
    case 'sync':
      return away ? refuse('Not connected: nothing was sent.') : { ui, effect: { type: 'sync', place } };
    case 'fullResync':
      if (away) return refuse('Not connected: nothing was sent.');
      return {
        ui: { ...ui, overlay: { kind: 'estimating', place, title: resyncTitle(status, place) } },
        effect: { type: 'estimate', place },
      };
    case 'audit':
      if (away) return refuse('Not connected: nothing was sent.');
      if (typeof place?.stream === 'string' && !auditedStreams.includes(place.stream))
        return refuse(`TikTok does not count ${place.stream}: they cannot be audited.`);
      return { ui: { ...ui, overlay: askAudit(status, place) } };
    case 'cancel': {
      if (away) return refuse('Not connected: nothing was sent.');
      const overlay = askCancel(daemon, place);
      return overlay === undefined
        ? refuse(place === null ? 'Nothing is running.' : 'Nothing of that is running.')
        : { ui: { ...ui, overlay } };
    }
    case 'up':
    case 'down':
    case 'shopBefore':
    case 'shopAfter':
      return status === null ? { ui } : { ui: { ...ui, selected: stepped(status, place, asked) } };
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
          title: ui.overlay.title,
          lines,
          yes: 'start the full resync',
          effect: { type: 'fullResync', place: ui.overlay.place },
          armed: false,
        },
      };

/** The cost could not be told; says why, and closes the question. */
export const withoutEstimate = (ui: UiState, why: string, nowMs: number): UiState =>
  ui.overlay?.kind === 'estimating' ? withNotice({ ...ui, overlay: null }, why, 'bad', nowMs) : ui;
