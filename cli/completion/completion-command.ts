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

/** What was typed before the first option names the command; arguments behind it are dropped until it is known. */
const search = (words: Words): string => `  local following=""
  while :; do
    case "$typed" in
${cases(words, (path, following) => `      "${path}") following="${following}"; break ;;`)}
      *" "*) typed="\${typed% *}" ;;
      *) break ;;
    esac
  done`

const scripts = {
  bash: (words: Words): string => `_tributary() {
  local typed="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) break ;; *) typed="\${typed:+$typed }$word" ;; esac
  done
${search(words)}
  COMPREPLY=($(compgen -W "$following" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _tributary tributary`,

  zsh: (words: Words): string => `_tributary() {
  local typed="" word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$word" in -*) break ;; *) typed="\${typed:+$typed }$word" ;; esac
  done
${search(words)}
  compadd -- \${=following} || _files
}
compdef _tributary tributary`,

  // Behind an option comes its value, which may be a file.
  fish: (words: Words): string => `function __tributary_words
  set -l typed (commandline -opc)
  set -e typed[1]
  set -l command
  for word in $typed
    string match -q -- '-*' $word; and break
    set -a command $word
  end
  while true
    switch "$command"
${cases(words, (path, following) => `      case '${path}'\n        string split ' ' -- '${following}'; return`)}
    end
    test (count $command) -gt 1; or return
    set -e command[-1]
  end
end
function __tributary_value
  string match -q -- '-*' (commandline -opc)[-1]
end
complete -c tributary -n 'not __tributary_value' -f -a '(__tributary_words)'`,
} as const
