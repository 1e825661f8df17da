import { Argument, Command } from 'commander'
import { localCommand } from '../run-command.ts'

/** `tributary completion`: what a shell needs to complete commands and options. `root` gives the whole program. */
export function completionCommand(root: () => Command): Command {
  const command = new Command('completion')
    .summary('a script that completes commands and options in your shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      `
Examples
    bash: eval "$(tributary completion bash)"                    in ~/.bashrc
    zsh:  eval "$(tributary completion zsh)"                     in ~/.zshrc, after compinit
    fish: tributary completion fish | source                     in ~/.config/fish/config.fish`,
    )
  return localCommand(command, {
    interrupted: 'Interrupted.',
    work({ args, print, show }) {
      const words = wordsOf(root())
      show(Object.fromEntries(words), () => print(scripts[args[0] as keyof typeof scripts](words)))
      return Promise.resolve(0)
    },
  })
}

type Words = readonly (readonly [path: string, words: readonly string[]])[]

/** What can follow each command: its parts and its long options. */
function wordsOf(command: Command, path = ''): Words {
  const options = command.options.flatMap(({ long }) => long ?? [])
  const own = [path, [...command.commands.map((part) => part.name()), ...options, '--help']] as const
  return [own, ...command.commands.flatMap((part) => wordsOf(part, `${path} ${part.name()}`.trim()))]
}

const cases = (words: Words, line: (path: string, following: string) => string): string =>
  words.map(([path, following]) => line(path, following.join(' '))).join('\n')

const bash = (words: Words): string => `_tributary() {
  local path="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) break ;; *) path="\${path:+$path }$word" ;; esac
  done
  local words=""
  while :; do
    case "$path" in
${cases(words, (path, following) => `      "${path}") words="${following}"; break ;;`)}
      *" "*) path="\${path% *}" ;;
      *) break ;;
    esac
  done
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _tributary tributary`

const scripts = {
  bash,
  zsh: (words: Words): string => `autoload -U +X bashcompinit && bashcompinit\n${bash(words)}`,
  fish: (words: Words): string =>
    cases(words, (path, following) => {
      const parts = path.split(' ').filter((part) => part !== '')
      const within = parts.map((part) => `__fish_seen_subcommand_from ${part}`).join('; and ')
      const condition = within === '' ? '__fish_use_subcommand' : within
      return `complete -c tributary -f -n "${condition}" -a "${following}"`
    }),
} as const
