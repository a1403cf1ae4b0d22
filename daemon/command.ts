import { Command, CommanderError } from 'commander';

import { type Env, daemonSocket, stateDir } from '../shared/paths.ts';
import { version } from '../shared/version.ts';
import { ConfigError } from './config/config-error.ts';
import { type LoadedConfig, loadConfig } from './config/load.ts';
import { loadSecrets, missingSecret } from './config/secrets.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { AppError } from './errors.ts';
import { examine } from './examine.ts';
import { AlreadyRunningError, acquireLocks } from './lock.ts';
import { createLog } from './log.ts';
import { groupId, type SocketGroup } from './rpc/groups.ts';
import { inheritedSockets } from './rpc/listen-fds.ts';

/** Exit statuses. systemd restarts none of 64, 78, 79. */
const exit = { stopped: 0, usage: 64, internal: 70, store: 74, configuration: 78, running: 79 } as const;

/** A stop that takes longer than this is a bug; nothing is lost by ending it, milliseconds. */
const stopWithinMs = 35_000;

const say = (line: string): boolean => process.stderr.write(`shopsyncd: ${line}\n`);

/** The program `shopsyncd`: one line a problem on stderr, and an exit status that says which kind it is. */
export async function run(argv: readonly string[], env: Env): Promise<void> {
  const program = new Command('shopsyncd')
    .description('Keeps a complete, current copy of a TikTok Shop. Runs in the foreground, logs JSON to stdout.')
    .option('--config <file>', 'the configuration to use instead of looking for one')
    .option('--check-config', 'check the configuration and end')
    .option('--examine', 'print what a start would find, as JSON, and end; shopsync doctor shows it')
    .version(version())
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeErr: (text) => say(text.replace(/^error: /, '').trim()) });
  try {
    program.parse([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? exit.stopped : exit.usage;
    return;
  }
  const options = program.opts<{ config?: string; checkConfig?: boolean; examine?: boolean }>();
  if (options.examine === true) {
    process.stdout.write(`${JSON.stringify(examine(env, options.config))}\n`);
    return;
  }
  try {
    const given = load(env, options.config);
    for (const warning of given.loaded.warnings) say(`warning: ${warning}`);
    if (options.checkConfig === true) return;
    await serve(given, env);
  } catch (error) {
    process.exitCode = report(error);
  }
}

function load(env: Env, configPath: string | undefined) {
  const loaded = loadConfig({ env, configPath });
  const secrets = loadSecrets(loaded.config, env);
  const groups = socketGroups(loaded);
  const { appKey } = loaded.config.api;
  const { appSecret } = secrets;
  if (appKey === null || appSecret === null)
    throw new ConfigError([
      ...(appKey === null
        ? ['api.app_key is missing: put the key of your app at TikTok there, or into SHOPSYNC_API_APP_KEY']
        : []),
      ...(appSecret === null ? [missingSecret('app_secret')] : []),
    ]);
  return { loaded, appKey, appSecret: appSecret.secret, secrets, groups };
}

/** Throws ConfigError for a group that this machine does not have. */
function socketGroups({ config, origins }: LoadedConfig) {
  const problems: string[] = [];
  const find = (key: string, name: string | null): SocketGroup | undefined => {
    const gid = name === null ? undefined : groupId(name);
    if (name !== null && gid === undefined)
      problems.push(`${origins.get(key)}: ${key}: there is no such group; make it with groupadd, or name another`);
    return gid === undefined ? undefined : { gid, key };
  };
  const groups = {
    control: find('rpc.group', config.rpc.group),
    observe: find('rpc.observe_group', config.rpc.observeGroup),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return groups;
}

interface Stop {
  /** A signal's name, or what else asked for it. */
  readonly by: string;
  /** See Daemon.stop. */
  readonly drainMs: number;
}

async function serve({ loaded, appKey, appSecret, secrets, groups }: ReturnType<typeof load>, env: Env): Promise<void> {
  const { config } = loaded;
  const state = stateDir(env);
  const inherited = inheritedSockets(env, process.pid);
  const locks = acquireLocks({ stateDir: state, storePath: config.store.path });
  const log = createLog({ level: config.log.level });
  const asked = Promise.withResolvers<Stop>();
  let daemon: Daemon | undefined;
  let isStopping = false;
  const requestStop = (stop: Stop): void => {
    // Asked again, it can only go faster. What comes of it is seen to where it was asked first.
    if (isStopping) void daemon?.stop(stop);
    asked.resolve(stop);
  };
  // Before anything is opened: a signal that comes early must not kill what is half open.
  for (const by of ['SIGTERM', 'SIGINT'] as const) process.on(by, () => requestStop({ by, drainMs: 0 }));
  try {
    daemon = await startDaemon({
      config,
      version: version(),
      log,
      appKey,
      secret: appSecret.reveal(),
      tokens: {
        accessToken: secrets.accessToken?.secret.reveal(),
        refreshToken: secrets.refreshToken?.secret.reveal(),
      },
      stateDir: state,
      socket: daemonSocket(env, config.rpc.socket ?? undefined),
      groups,
      inherited,
      requestStop: (drainMs) => requestStop({ by: 'shutdown', drainMs }),
    });
    process.on('uncaughtException', (error) => {
      log.room('daemon').fatal({ err: error }, 'an unexpected error; stopping');
      process.exitCode = exit.internal;
      requestStop({ by: 'uncaughtException', drainMs: 0 });
    });
    const stop = await asked.promise;
    isStopping = true;
    await stopWith(daemon, stop, log);
  } finally {
    locks.release();
  }
}

async function stopWith(daemon: Daemon, { by, drainMs }: Stop, log: ReturnType<typeof createLog>): Promise<void> {
  log.room('daemon').info({ by, drainMs }, 'stopping');
  const timer = setTimeout(() => {
    log.room('daemon').fatal('stopping took too long; ending at once');
    process.exit(exit.internal);
  }, drainMs + stopWithinMs);
  try {
    await daemon.stop({ drainMs });
  } finally {
    clearTimeout(timer);
  }
}

/** @returns the exit status. */
function report(error: unknown): number {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) say(problem);
    return exit.configuration;
  }
  if (error instanceof AlreadyRunningError) {
    say(error.message);
    return exit.running;
  }
  if (error instanceof AppError) {
    say(error.hint === undefined ? error.message : `${error.message}; ${error.hint}`);
    return error.class === 'store' ? exit.store : exit.configuration;
  }
  throw error;
}
