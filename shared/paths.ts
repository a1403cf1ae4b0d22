import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';

/** The environment as it is handed to everything that looks at it; `process.env` fits. */
export type Env = Readonly<Record<string, string | undefined>>;

/** A place to look for something, with the words that a person knows it by. */
export interface Place {
  readonly path: string;
  readonly from: string;
}

/** A variable that is set to nothing counts as not set. */
const read = (env: Env, name: string): string | undefined => env[name] || undefined;

/** systemd may give several folders separated by colons; ours is the first. */
const systemd = (env: Env, name: string): string | undefined => read(env, name)?.split(':')[0] || undefined;

/** The XDG specification has relative values ignored. */
function xdg(env: Env, name: string): string | undefined {
  const value = read(env, name);
  return value !== undefined && isAbsolute(value) ? value : undefined;
}

const home = (env: Env): string => read(env, 'HOME') ?? homedir();

/** Where the database, refreshed tokens and the lock live. Absolute; not created here. */
export function stateDir(env: Env): string {
  const chosen = read(env, 'SHOPSYNC_STATE_DIR');
  if (chosen !== undefined) return resolve(chosen);
  return (
    systemd(env, 'STATE_DIRECTORY') ??
    join(xdg(env, 'XDG_STATE_HOME') ?? join(home(env), '.local', 'state'), 'shopsync')
  );
}

/** Where the daemon binds its sockets unless `rpc.socket` says otherwise. Absolute; not created here. */
export function runtimeDir(env: Env): string {
  const given = systemd(env, 'RUNTIME_DIRECTORY');
  if (given !== undefined) return given;
  const session = xdg(env, 'XDG_RUNTIME_DIR');
  return session === undefined ? join(stateDir(env), 'run') : join(session, 'shopsync');
}

/** Where the daemon listens: `$SHOPSYNC_RPC_SOCKET`, the configured `rpc.socket`, or `control.sock` in the runtime folder. */
export function daemonSocket(env: Env, configured?: string): string {
  const chosen = read(env, 'SHOPSYNC_RPC_SOCKET');
  if (chosen !== undefined) return resolve(chosen);
  return configured ?? join(runtimeDir(env), 'control.sock');
}

/** The socket beside `control` that takes only reading methods. */
export const observeSocket = (control: string): string => join(dirname(control), 'observe.sock');

/**
 * Where a client looks for the daemon, in this order; the first that exists is taken.
 * `named` is `--socket`, `configured` the `rpc.socket` of the config file.
 */
export function clientSockets(
  env: Env,
  options: { readonly named?: string | undefined; readonly configured?: string | undefined } = {},
): readonly Place[] {
  const chosen = read(env, 'SHOPSYNC_RPC_SOCKET');
  const session = xdg(env, 'XDG_RUNTIME_DIR');
  const places: readonly (Place | undefined)[] = [
    options.named === undefined ? undefined : { path: resolve(options.named), from: '--socket' },
    chosen === undefined ? undefined : { path: resolve(chosen), from: '$SHOPSYNC_RPC_SOCKET' },
    options.configured === undefined ? undefined : { path: options.configured, from: 'rpc.socket of the config file' },
    session === undefined
      ? undefined
      : { path: join(session, 'shopsync', 'control.sock'), from: '$XDG_RUNTIME_DIR/shopsync' },
    { path: join(stateDir(env), 'run', 'control.sock'), from: 'the state folder' },
    { path: '/run/shopsync/control.sock', from: 'the system service' },
  ];
  const seen = new Set<string>();
  return places.filter((place) => place !== undefined).filter(({ path }) => seen.size < seen.add(path).size);
}

/** The config files that are looked for, in this order. One that is `named` by a person must exist; then it is alone. */
export function configFiles(env: Env, named?: string): { readonly named: boolean; readonly places: readonly Place[] } {
  if (named !== undefined) return { named: true, places: [{ path: resolve(named), from: '--config' }] };
  const chosen = read(env, 'SHOPSYNC_CONFIG');
  if (chosen !== undefined) return { named: true, places: [{ path: resolve(chosen), from: '$SHOPSYNC_CONFIG' }] };

  const service = systemd(env, 'CONFIGURATION_DIRECTORY');
  const user = join(xdg(env, 'XDG_CONFIG_HOME') ?? join(home(env), '.config'), 'shopsync');
  const places = [
    { path: join(user, 'shopsync.toml'), from: 'the XDG config folder' },
    { path: '/etc/shopsync/shopsync.toml', from: '/etc' },
  ];
  if (service !== undefined) {
    places.unshift({ path: join(service, 'shopsync.toml'), from: '$CONFIGURATION_DIRECTORY' });
  }
  return { named: false, places };
}
