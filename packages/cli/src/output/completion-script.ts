import type { VerbOutline } from '../verb/verb.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Writes the completion script of a shell. Names and summaries are ours: they hold no quotes. */
export const COMPLETION_SCRIPT: Readonly<Record<Shell, (verbs: readonly VerbOutline[]) => string>> = {
  bash: (verbs) => `_crossfade() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" verb="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) verb="$word"; break ;; esac
  done
  COMPREPLY=()
  case "$previous" in --config) COMPREPLY=($(compgen -f -- "$current")); return ;; esac
  case "$verb" in
${verbs.map(({ name, options }) => `    ${name}) COMPREPLY=($(compgen -W "${options.join(' ')}" -- "$current")) ;;`).join('\n')}
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
  case "$words[2]" in
${verbs.map(({ name, options }) => `    ${name}) _values option ${options.map((option) => `'${option}'`).join(' ')} ;;`).join('\n')}
  esac
}
_crossfade "$@"
`,
  fish: (verbs) =>
    verbs
      .flatMap(({ name, summary, options }) => [
        `complete -c crossfade -n __fish_use_subcommand -a ${name} -d '${summary}'`,
        ...options.map(
          (option) => `complete -c crossfade -n '__fish_seen_subcommand_from ${name}' -l ${option.replace(/^--/, '')}`,
        ),
      ])
      .join('\n')
      .concat('\n'),
};
