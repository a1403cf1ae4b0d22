import { configuredSocket } from '../../shared/configured-socket.ts';
import type { Examined } from '../../shared/examined.ts';
import { clientSockets } from '../../shared/paths.ts';
import { version } from '../../shared/version.ts';
import { exit, exitStatus, oneLine } from '../failure.ts';
import type { Session } from '../session.ts';
import { examine } from './daemon-program.ts';
import { type Finding, bad, good } from './finding.ts';
import {
  clockFinding,
  configFindings,
  databaseFindings,
  secretFindings,
  stateFindings,
  tokenFindings,
} from './offline.ts';
import { type Online, askOnline } from './online.ts';
import { socketFindings } from './sockets.ts';

/** All that was looked at, in an order in which one thing rests on the one before. */
export interface Diagnosis {
  readonly checks: readonly Finding[];
  /** Undefined when the daemon's program could not be run. */
  readonly found: Examined | undefined;
}

/**
 * This environment's own configuration and store. Where a daemon answers that works on another store, ours is not its,
 * and what it lacks is no fault.
 */
const here = (found: Examined, { status, readOnly }: Online, session: Session, config: string | undefined) => {
  const settings = configFindings(found, session.host.env, config);
  const clock = clockFinding(found, session.host.now());
  if (status !== undefined && status.store.path !== found.database?.path) {
    return [
      ...settings,
      good('state', `the daemon keeps its own, ${status.store.path}; this environment's is not used`),
      clock,
    ];
  }
  // A daemon that runs has what it needs, whatever this shell knows of it.
  const secrets = status === undefined ? [...secretFindings(found), ...tokenFindings(found)] : [];
  return [...settings, ...secrets, ...stateFindings(found), ...databaseFindings(found, readOnly), clock];
};

const unexamined = (error: unknown): string =>
  exitStatus(error) === exit.timeout ? `shopsyncd --examine: ${oneLine(error)}` : oneLine(error);

/** Looks at everything, offline and online. Throws nothing for what it finds. */
export const diagnose = async (session: Session, config: string | undefined): Promise<Diagnosis> => {
  const { env, args } = session.host;
  const { socket: named } = session.options;
  const { socket: configured } = named === undefined ? await configuredSocket(env, config) : {};
  const places = clientSockets(env, { named, configured });
  const [online, found] = await Promise.all([
    askOnline(session),
    // What does not end within --timeout is told by its name, beside all the rest.
    session.within(examine(session, config)).catch((error: unknown) => unexamined(error)),
  ]);
  const sockets = await socketFindings(named === undefined ? places : places.slice(0, 1), { env, configured, args });
  const client = good('client', `shopsync ${version()}, Node ${process.versions.node}`);
  return typeof found === 'string'
    ? { found: undefined, checks: [client, bad('config', found), ...sockets, ...online.findings] }
    : { found, checks: [client, ...here(found, online, session, config), ...sockets, ...online.findings] };
};
