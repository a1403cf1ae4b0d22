import { type CompletedOption, type Node, type Values, flagsWithValue, nodesOf } from './tree.ts';

const quoted = (text: string): string => `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`;

const words = (values: Values): string => {
  switch (values.kind) {
    case 'words':
      return `-x -a ${quoted(values.words.join(' '))}`;
    case 'list':
      return `-x -a ${quoted(`(__shopsync_list ${values.words.join(' ')})`)}`;
    case 'file':
      return '-r -F';
    case 'any':
      return '-x';
  }
};

const optionLine = (at: string, { flags, summary, values }: CompletedOption): string => {
  const ways = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  return `complete -c shopsync ${at} ${ways.join(' ')} ${values === undefined ? '' : `${words(values)} `}-d ${quoted(summary)}`;
};

const branch = (node: Node): readonly string[] => {
  const path = node.path.join(' ');
  const at = `-n ${quoted(`__shopsync_at ${quoted(path).replaceAll("'", '"')}`)}`;
  const place = (number: number): string =>
    `-n ${quoted(`__shopsync_at ${quoted(path).replaceAll("'", '"')} ${number}${node.variadic ? ' more' : ''}`)}`;
  return [
    ...node.options.map((option) => optionLine(at, option)),
    ...node.children.map(
      (child) => `complete -c shopsync ${place(0)} -f -a ${child.path.at(-1)} -d ${quoted(child.summary)}`,
    ),
    ...node.positions.flatMap((values, number) =>
      node.children.length > 0 || values.kind === 'any'
        ? []
        : [
            `complete -c shopsync ${place(number)} ${values.kind === 'file' ? '-F' : words(values).replace('-x', '-f')}`,
          ],
    ),
  ];
};

/** The script for `shopsync completion fish | source`. */
export const fishScript = (root: Node): string => {
  const nodes = nodesOf(root);
  const steps = nodes
    .flatMap(({ path, children }) => children.map((child) => [path.join(' '), child.path.at(-1), child.path.join(' ')]))
    .map(
      ([from, word, to]) =>
        `            case ${quoted(`${from}/${word}`)}\n                set path ${quoted(to ?? '')}\n                set place 0`,
    );
  return `# Completion of shopsync for fish. Load it with: shopsync completion fish | source
# Whether the words so far lead to a command, and to the place of one of its arguments.
function __shopsync_at
    set -l path ''
    set -l place 0
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch "$path/$word"
${steps.join('\n')}
            case ${flagsWithValue(root)
              .map((flag) => quoted(`*/${flag}`))
              .join(' ')}
                set skip 1
            case '*/-*'
            case '*'
                set place (math $place + 1)
        end
    end
    test "$path" = "$argv[1]"; or return 1
    test (count $argv) = 1; and return 0
    test "$place" = "$argv[2]"; and return 0
    test "$argv[3]" = more; and test "$place" -gt "$argv[2]"
end
# The last of several words with commas between them.
function __shopsync_list
    set -l before (string replace -r '[^,]*$' '' -- (commandline -ct | string replace -r '^--[^=]*=' ''))
    printf "$before%s\\n" $argv
end
complete -c shopsync -f
${nodes.flatMap(branch).join('\n')}
`;
};
