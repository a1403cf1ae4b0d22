import { type CompletedOption, type Node, type Values, flagsWithValue, nodesOf } from './tree.ts';

/** For a single-quoted word of zsh; `_describe` cuts at colons. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
const described = (word: string, summary: string): string =>
  quoted(`${word.replaceAll(':', String.raw`\:`)}:${summary.split('\n', 1)[0] ?? ''}`);

const code = (values: Values): string => {
  switch (values.kind) {
    case 'words':
      return `compadd -- ${values.words.map(quoted).join(' ')}`;
    case 'list':
      return `compset -P '*,'; compadd -S '' -- ${values.words.map(quoted).join(' ')}`;
    case 'file':
      return '_files';
    case 'any':
      return `_message 'a value'`;
  }
};

const withValues = ({ values }: CompletedOption): boolean => values !== undefined;

const branch = (node: Node): string => {
  const path = node.path.join(' ');
  const options = node.options
    .filter(withValues)
    .map(
      ({ flags, values }) =>
        `    ${flags.map((flag) => quoted(`${path}:${flag}`)).join('|')}) ${code(values ?? { kind: 'any' })} ;;`,
    );
  const flags = node.options.flatMap(({ flags: ways, summary }) => ways.map((flag) => described(flag, summary)));
  const positions = node.positions.map((values, at) => {
    const more = node.variadic && at === node.positions.length - 1 ? `|${quoted(`${path}:`)}<->` : '';
    return `    ${quoted(`${path}:${at}`)}${more}) ${code(values)} ;;`;
  });
  const children = node.children.map(({ path: to, summary }) => described(to.at(-1) ?? '', summary));
  return [
    ...options,
    `    ${quoted(`${path}:-`)}) found=(${flags.join(' ')}); _describe -o option found ;;`,
    ...(children.length === 0
      ? positions
      : [`    ${quoted(`${path}:0`)}) found=(${children.join(' ')}); _describe command found ;;`]),
  ].join('\n');
};

/** The script for `shopsync completion zsh > "${fpath[1]}/_shopsync"`, or to be sourced after compinit. */
export const zshScript = (root: Node): string => {
  const nodes = nodesOf(root);
  const steps = nodes
    .flatMap(({ path, children }) => children.map((child) => [path.join(' '), child.path.at(-1), child.path.join(' ')]))
    .map(([from, word, to]) => `      ${quoted(`${from}/${word}`)}) route=${quoted(to ?? '')}; place=0 ;;`);
  const valued = flagsWithValue(root);
  return `#compdef shopsync
# Completion of shopsync for zsh: shopsync completion zsh > "\${fpath[1]}/_shopsync"
_shopsync() {
  local route='' place=0 word at
  local -a found
  for ((at = 2; at < CURRENT; at++)); do
    word=\${words[at]}
    case "$route/$word" in
${steps.join('\n')}
      */(${valued.join('|')})) ((at++)) ;;
      */-*) ;;
      *) ((place++)) ;;
    esac
  done
  case "\${words[CURRENT - 1]}" in
    ${valued.join('|')}) place=\${words[CURRENT - 1]} ;;
    *) if [[ \${words[CURRENT]} == --*=* ]]; then
        place=\${words[CURRENT]%%=*}; compset -P '*='
      elif [[ \${words[CURRENT]} == -* ]]; then place='-'
      fi ;;
  esac
  case "$route:$place" in
${nodes.map(branch).join('\n')}
  esac
}
if [[ \${funcstack[1]} == _shopsync ]]; then _shopsync "$@"; else compdef _shopsync shopsync; fi
`;
};
