import { createContext, useContext, useSyncExternalStore } from 'react';

import type { ScreenState, Store } from './store.ts';
import { type Look, type Meaning, theme } from './theme.ts';

/** The state of the screen, drawn again whenever the store publishes. */
export const useScreen = (store: Store): ScreenState => useSyncExternalStore(store.subscribe, store.snapshot);

/** True below here while what is shown is old: everything is dimmed then. */
export const Dimmed = createContext(false);

/** How a meaning looks here and now. */
export const useLook = (meaning: Meaning): Look => {
  const dimmed = useContext(Dimmed);
  return dimmed ? theme.quiet : theme[meaning];
};
