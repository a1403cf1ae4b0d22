import { Command, CommanderError } from 'commander';

import { type Env, daemonSocket, stateDir } from '../shared/paths.ts';
import { version } from '../shared/version.ts';
import { ConfigError } from './config/config-error.ts';
import { type LoadedConfig, loadConfig } from './config/load.ts';
import { loadSecrets, missingSecret } from './config/secrets.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { AppError } from './errors.ts';
import { AlreadyRunningError, acquireLock } from './lock.ts';
import { createLog } from './log.ts';

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
  const options = program.opts<{ config?: string; checkConfig?: boolean }>();
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
  const { appKey } = loaded.config.api;
  const { appSecret } = secrets;
  if (appKey === null || appSecret === null)
    throw new ConfigError([
      ...(appKey === null
        ? ['api.app_key is missing: put the key of your app at TikTok there, or into SHOPSYNC_API_APP_KEY']
        : []),
      ...(appSecret === null ? [missingSecret('app_secret')] : []),
    ]);
  return { loaded, appKey, appSecret: appSecret.secret, secrets };
}

async function serve(
  { loaded, appKey, appSecret, secrets }: ReturnType<typeof load> & { readonly loaded: LoadedConfig },
  env: Env,
): Promise<void> {
  const { config } = loaded;
  const state = stateDir(env);
  const lock = acquireLock(state);
  const log = createLog({ level: config.log.level });
  const asked = Promise.withResolvers<string>();
  // Before anything is opened: a signal that comes early must not kill what is half open.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => asked.resolve(signal));
  try {
    const daemon = await startDaemon({
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
    });
    process.on('uncaughtException', (error) => {
      log.room('daemon').fatal({ err: error }, 'an unexpected error; stopping');
      process.exitCode = exit.internal;
      asked.resolve('uncaughtException');
    });
    await stopOn(daemon, asked.promise, log);
  } finally {
    lock.release();
  }
}

async function stopOn(daemon: Daemon, asked: Promise<string>, log: ReturnType<typeof createLog>): Promise<void> {
  log.room('daemon').info({ signal: await asked }, 'stopping');
  const timer = setTimeout(() => {
    log.room('daemon').fatal('stopping took too long; ending at once');
    process.exit(exit.internal);
  }, stopWithinMs);
  try {
    await daemon.stop();
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
