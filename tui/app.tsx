import { Box, Text, useInput, useWindowSize } from 'ink';

import { Line, Say } from './components/say.tsx';
import { keyName, keymap, keysOf } from './keys.ts';
import { placeWords, stillThere } from './place.ts';
import { type DaemonState, freshness } from './state.ts';
import type { Store } from './store.ts';
import { type Effect, type UiState, arm, press } from './ui.ts';
import { Dimmed, useScreen } from './use-daemon.ts';
import { Confirm, Estimating } from './views/confirm.tsx';
import { Dashboard } from './views/dashboard.tsx';
import { Header, headerRows } from './views/header.tsx';
import { Help } from './views/help.tsx';

const least = { columns: 60, rows: 15 };

interface Props {
  readonly store: Store;
  readonly perform: (effect: Effect) => void;
}

function TooSmall({ columns, rows }: typeof least) {
  return (
    <Text>
      shopsync needs {least.columns}×{least.rows}, this is {columns}×{rows}. q quits.
    </Text>
  );
}

interface Hint {
  readonly command: string;
  readonly keys: string;
  readonly words: string;
}

const widthOf = (hints: readonly Hint[]): number =>
  hints.reduce((sum, { keys, words }) => sum + keys.length + words.length + 3, -2);

/** The keys of the bottom line, the less important left out where it is short. */
const hintsFor = (columns: number): readonly Hint[] => {
  let hints = keymap.flatMap(({ command, keys: [first = ''], hint, hintKeys = keyName(first), rank = 0 }) =>
    hint === undefined ? [] : [{ command, keys: hintKeys, words: hint, rank }],
  );
  for (let worst = Math.max(...hints.map(({ rank }) => rank)); worst > 0 && widthOf(hints) > columns; worst--)
    hints = hints.filter(({ rank }) => rank < worst);
  return hints;
};

interface FootProps extends Pick<UiState, 'notice'> {
  /** What is selected, in words; undefined while that is everything. */
  readonly selected: string | undefined;
  readonly columns: number;
}

function Foot({ notice, selected, columns }: FootProps) {
  const said = selected === undefined ? ' ' : `s, F, a and c act on ${selected}; Esc: on everything`;
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Line>{notice === null ? <Say is="quiet">{said}</Say> : <Say is={notice.meaning}>{notice.text}</Say>}</Line>
      <Line>
        {hintsFor(columns).map(({ command, keys, words }, at) => (
          <Text key={command}>
            {at === 0 ? '' : '  '}
            <Say is="strong">{keys}</Say>
            <Say is="quiet"> {words}</Say>
          </Text>
        ))}
      </Line>
    </Box>
  );
}

interface BodyProps {
  readonly ui: UiState;
  readonly daemon: DaemonState;
  readonly columns: number;
  readonly rows: number;
  readonly store: Store;
}

function Body({ ui, daemon, columns, rows, store }: BodyProps) {
  switch (ui.overlay?.kind) {
    case 'help':
      return <Help />;
    case 'estimating':
      return <Estimating title={ui.overlay.title} />;
    case 'confirm':
      return <Confirm question={ui.overlay} onDrawn={() => store.show(arm)} />;
    case undefined:
      return (
        <Dimmed value={daemon.status !== null && freshness(daemon) !== 'live'}>
          <Dashboard daemon={daemon} selected={stillThere(daemon.status, ui.selected)} columns={columns} rows={rows} />
        </Dimmed>
      );
  }
}

/** The frame: header, body and foot in exactly the terminal's size, and the keys. */
export function App({ store, perform }: Props) {
  const { daemon, ui } = useScreen(store);
  const { columns, rows } = useWindowSize();
  useInput((input, key) => {
    for (const typed of keysOf(input, key)) {
      const pressed = press(store.state.ui, typed, store.state.daemon);
      store.show(() => pressed.ui);
      if (pressed.effect !== undefined) perform(pressed.effect);
    }
  });
  if (columns < least.columns || rows < least.rows) return <TooSmall columns={columns} rows={rows} />;
  const bodyRows = rows - headerRows(daemon) - 2;
  const { status } = daemon;
  const place = stillThere(status, ui.selected);
  const selected = status === null || place === null ? undefined : placeWords(status, place);
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Header daemon={daemon} />
      <Box flexDirection="column" height={bodyRows} flexShrink={0}>
        <Body {...{ ui, daemon, columns, store }} rows={bodyRows} />
      </Box>
      <Foot {...{ selected, columns }} notice={ui.notice} />
    </Box>
  );
}
