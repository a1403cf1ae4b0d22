import { render } from 'ink';

import { App } from './app.tsx';
import { Driver } from './driver.ts';
import { type ExitStatus, exit } from './failure.ts';
import type { Session } from './session.ts';
import { Store } from './store.ts';

/** Shows the screen until the user leaves it, and gives the terminal back as it was. Returns the exit status. */
export const showScreen = async (session: Session): Promise<ExitStatus> => {
  const { host } = session;
  const store = new Store(host.now);
  const driver = new Driver({
    store,
    reach: () => session.open('reading'),
    quit: () => screen.unmount(),
    now: host.now,
  });
  const screen = render(<App store={store} perform={(effect) => driver.perform(effect)} />, {
    stdin: host.stdin,
    stdout: host.stdout,
    stderr: host.stderr,
    alternateScreen: true,
    incrementalRendering: true,
    maxFps: 15,
    exitOnCtrlC: false,
    // Said outright: Ink draws nothing where it finds CI in the environment, though a person sits there.
    interactive: true,
  });
  const driving = driver.run();
  try {
    // What goes wrong while drawing comes out here, after the terminal was given back.
    await Promise.race([screen.waitUntilExit(), driving]);
  } finally {
    screen.unmount();
    driver.stop();
    await driving;
  }
  host.stdout.write('The screen is closed; the daemon keeps running.\n');
  return exit.done;
};
