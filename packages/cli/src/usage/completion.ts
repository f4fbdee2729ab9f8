import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade completion <bash|zsh|fish> [--json]

Prints a script that lets a shell complete the verbs and their options. Needs no plan.

Exit codes: 0 printed, 2 the shell is not known.

  source <(crossfade completion bash)
  crossfade completion zsh > "\${fpath[1]}/_crossfade"
  crossfade completion fish > ~/.config/fish/completions/crossfade.fish
`;

export const completion: VerbDefinition = {
  name: 'completion',
  summary: 'print a script that completes verbs and options in a shell',
  help: HELP,
  options: {},
  argument: 'shell',
  load: () => import('../verbs/completion.ts'),
};
