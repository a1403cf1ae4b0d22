import { type Node, type Values, flagsWithValue, nodesOf } from './tree.ts';

const code = (values: Values): string => {
  switch (values.kind) {
    case 'words':
      return `_shopsync_words "${values.words.join(' ')}"`;
    case 'list':
      return `_shopsync_list "${values.words.join(' ')}"`;
    case 'file':
      return '_shopsync_files';
    case 'any':
      return ':';
  }
};

const branch = (node: Node): string => {
  const path = node.path.join(' ');
  const flags = node.options.flatMap((option) => option.flags.filter((flag) => flag.startsWith('--')));
  const options = node.options
    .filter(({ values }) => values !== undefined && values.kind !== 'any')
    .map(
      ({ flags: ways, values }) => `    '${path}:'${ways.join(`|'${path}:'`)}) ${code(values ?? { kind: 'any' })} ;;`,
    );
  const positions = node.positions.map(
    (values, at) =>
      `    '${path}:${at}'${node.variadic && at === node.positions.length - 1 ? "|'" + path + ":'[0-9]*" : ''}) ${code(values)} ;;`,
  );
  const first =
    node.children.length === 0
      ? positions
      : [`    '${path}:0') _shopsync_words "${node.children.map(({ path: to }) => to.at(-1)).join(' ')}" ;;`];
  return [...options, `    '${path}:-') _shopsync_words "${flags.join(' ')}" ;;`, ...first].join('\n');
};

/** The script for `source <(shopsync completion bash)`. */
export const bashScript = (root: Node): string => {
  const nodes = nodesOf(root);
  const steps = nodes
    .flatMap(({ path, children }) => children.map((child) => [path.join(' '), child.path.at(-1), child.path.join(' ')]))
    .map(([from, word, to]) => `      '${from}/${word}') path='${to}'; place=0 ;;`);
  return `# Completion of shopsync for bash. Load it with: source <(shopsync completion bash)
_shopsync_words() {
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}
# The last of several words with commas between them.
_shopsync_list() {
  local before=''
  [[ $cur == *,* ]] && before="\${cur%,*},"
  COMPREPLY=($(compgen -P "$before" -W "$1" -- "\${cur##*,}"))
  compopt -o nospace 2>/dev/null
}
_shopsync_files() {
  compopt -o filenames 2>/dev/null
  local IFS=$'\\n'
  COMPREPLY=($(compgen -f -- "$cur"))
}
_shopsync() {
  local IFS=$' \\t\\n' cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} path='' place=0 word at
  COMPREPLY=()
  # bash cuts --option=value at the sign.
  if [[ $cur == '=' ]]; then cur=''
  elif [[ $prev == '=' ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    case "$path/$word" in
${steps.join('\n')}
      */${flagsWithValue(root).join('|*/')})
        [[ \${COMP_WORDS[at + 1]} == '=' ]] && ((at++))
        ((at++)) ;;
      */-*) ;;
      *) ((place++)) ;;
    esac
  done
  [[ $prev == -* ]] && case "$prev" in
    ${flagsWithValue(root).join('|')}) place=$prev ;;
  esac
  [[ $place != -* && $cur == -* ]] && place='-'
  case "$path:$place" in
${nodes.map(branch).join('\n')}
  esac
}
complete -F _shopsync shopsync
`;
};
