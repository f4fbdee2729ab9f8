import type { VerbOutline } from '../verb/verb.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A verb as shells complete it. */
export interface CompletedVerb extends VerbOutline {
  /** What its argument may be, where that is a closed list. */
  readonly values?: readonly string[];
}

/** Options whose value is a file. */
const FILE_OPTIONS = ['--config', '--out', '--flags', '--html', '--legacy-token-file', '--target-token-file'];

/** Writes the completion script of a shell. Names and summaries are ours: they hold no quotes. */
export const COMPLETION_SCRIPT: Readonly<Record<Shell, (verbs: readonly CompletedVerb[]) => string>> = {
  bash: (verbs) => `_crossfade() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" verb="" word before=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$before:$word" in --config:*) ;; *:-*) ;; *) verb="$word"; break ;; esac
    before="$word"
  done
  COMPREPLY=()
  case "$previous" in ${FILE_OPTIONS.join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;; esac
  case "$verb" in
${verbs.map(({ name, options, values = [] }) => `    ${name}) COMPREPLY=($(compgen -W "${[...values, ...options].join(' ')}" -- "$current")) ;;`).join('\n')}
    *) COMPREPLY=($(compgen -W "${[...verbs.map(({ name }) => name), '--help', '--version'].join(' ')}" -- "$current")) ;;
  esac
}
complete -F _crossfade crossfade
`,
  zsh: (verbs) => `#compdef crossfade
_crossfade() {
  local -a verbs
  verbs=(
${verbs.map(({ name, summary }) => `    '${name}:${summary}'`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe verb verbs
    return
  fi
  case "$words[CURRENT-1]" in ${FILE_OPTIONS.join('|')}) _files; return ;; esac
  case "$words[2]" in
${verbs.map(({ name, options, values = [] }) => `    ${name}) compadd -- ${[...values, ...options].join(' ')} ;;`).join('\n')}
  esac
}
_crossfade "$@"
`,
  fish: (verbs) =>
    verbs
      .flatMap(({ name, summary, options, values }) => [
        `complete -c crossfade -n __fish_use_subcommand -a ${name} -d '${summary}'`,
        ...(values === undefined
          ? []
          : [`complete -c crossfade -f -n '__fish_seen_subcommand_from ${name}' -a '${values.join(' ')}'`]),
        ...options.map(
          (option) =>
            `complete -c crossfade -n '__fish_seen_subcommand_from ${name}' -l ${option.replace(/^--/, '')}${FILE_OPTIONS.includes(option) ? ' -r' : ''}`,
        ),
      ])
      .join('\n')
      .concat('\n'),
};
