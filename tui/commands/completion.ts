import { Argument } from 'commander';

import { orderStatuses } from '../../shared/order-statuses.ts';
import { auditedStreams, streamNames } from '../../shared/streams.ts';
import type { Hints, Node } from '../completion/tree.ts';
import { type Verb, example } from './verb.ts';

type Shell = 'bash' | 'zsh' | 'fish';

/** What commander does not know of its places. */
const hints = (methods: readonly string[]): Hints => {
  const streams = { kind: 'words', words: streamNames } as const;
  return {
    'call method': { kind: 'words', words: methods },
    'orders list --status': { kind: 'list', words: orderStatuses },
    'sync --status': { kind: 'list', words: ['open', ...orderStatuses] },
    'schedule set value': { kind: 'words', words: ['default', 'off', 'true', 'false'] },
    'backup file': { kind: 'file' },
    'doctor --config': { kind: 'file' },
    'sync streams': streams,
    'full-resync streams': streams,
    'audit streams': { kind: 'words', words: auditedStreams },
    'history --stream': streams,
    '--socket': { kind: 'file' },
  };
};

const scripts: Readonly<Record<Shell, (root: Node) => Promise<string>>> = {
  bash: async (root) => (await import('../completion/bash.ts')).bashScript(root),
  zsh: async (root) => (await import('../completion/zsh.ts')).zshScript(root),
  fish: async (root) => (await import('../completion/fish.ts')).fishScript(root),
};

export const completion: Verb = (program, session) => {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'the shell to write for').choices(Object.keys(scripts)))
    .description('The script that lets a shell complete commands, options, methods and statuses')
    .addHelpText(
      'after',
      example(
        'completion bash > ~/.local/share/bash-completion/completions/shopsync',
        'completion zsh > "${fpath[1]}/_shopsync"',
        'completion fish > ~/.config/fish/completions/shopsync.fish',
      ),
    )
    .action(async (shell: Shell) => {
      const [{ treeOf }, { methodNames }] = await Promise.all([
        import('../completion/tree.ts'),
        import('../../shared/method-help.ts'),
      ]);
      const script = await scripts[shell](treeOf(program, hints(methodNames)));
      if (session.options.json === true) session.print({ shell, script }, () => []);
      else session.host.stdout.write(script);
    });
};
