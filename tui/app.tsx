import { Box, Text, useInput, useWindowSize } from 'ink';

import { Line, Say } from './components/say.tsx';
import { keyName, keymap, keysOf } from './keys.ts';
import { type DaemonState, freshness } from './state.ts';
import type { Store } from './store.ts';
import { type Effect, type UiState, arm, press } from './ui.ts';
import { Dimmed, useScreen } from './use-daemon.ts';
import { Confirm, Estimating } from './views/confirm.tsx';
import { Dashboard } from './views/dashboard.tsx';
import { Header, headerRows } from './views/header.tsx';
import { Help } from './views/help.tsx';

const hints = keymap.filter(({ hint }) => hint !== undefined);
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

function Foot({ notice }: Pick<UiState, 'notice'>) {
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Line>{notice === null ? ' ' : <Say is={notice.meaning}>{notice.text}</Say>}</Line>
      <Line>
        {hints.map(({ command, keys, hint }, at) => (
          <Text key={command}>
            {at === 0 ? '' : '  '}
            <Say is="strong">{keyName(keys[0] ?? '')}</Say>
            <Say is="quiet"> {hint}</Say>
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
      return <Estimating />;
    case 'confirm':
      return <Confirm question={ui.overlay} onDrawn={() => store.show(arm)} />;
    case undefined:
      return (
        <Dimmed value={daemon.status !== null && freshness(daemon) !== 'live'}>
          <Dashboard daemon={daemon} columns={columns} rows={rows} />
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
  const budgets = rows >= 30 ? 4 : 1;
  const bodyRows = rows - headerRows(daemon, budgets) - 2;
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Header daemon={daemon} budgets={budgets} />
      <Box flexDirection="column" height={bodyRows} flexShrink={0}>
        <Body {...{ ui, daemon, columns, store }} rows={bodyRows} />
      </Box>
      <Foot notice={ui.notice} />
    </Box>
  );
}
