import { Command, CommanderError } from 'commander'
import { appCommand } from './apps/app-command.ts'
import { keyCommand } from './apps/key-command.ts'
import { scopeCommand } from './apps/scope-command.ts'
import { completionCommand } from './completion/completion-command.ts'
import { doctorCommand } from './doctor/doctor-command.ts'
import { eventsCommand } from './events/events-command.ts'
import { exportPart } from './export/export.ts'
import { importPart } from './import/import.ts'
import { planCommand } from './plans/plan-command.ts'
import { usageCommand } from './plans/usage-command.ts'
import { schemaCommand } from './schema/schema-command.ts'
import { loginCommand, logoutCommand } from './sign-in/sign-in-commands.ts'
import { subgraphCommand } from './subgraph/subgraph-command.ts'
import { webhookCommand } from './webhooks/webhook-command.ts'

const teaching = `
Begin
  npm start                                 the product with its demo, in one terminal
  tributary login                           sign in with a browser, in another
  tributary app list                        what your organization's apps may do
  tributary webhook listen                  what happens, as webhooks, without a public address
  tributary doctor                          green or red, from here to every subgraph
  tributary subgraph new loyalty            a subgraph of your own, to the explorer in a minute

Every command has --help with examples, and --json for programs. Instead of a sign-in every command takes --app and
--key, or TRIBUTARY_APP and TRIBUTARY_KEY; --graph or TRIBUTARY_URL name the graph.

Exit codes: 0 done, 1 it failed or was refused, 2 wrong options, 130 interrupted.`

/** The whole program, with every command below it. */
export function createTributary(): Command {
  const program: Command = new Command('tributary')
    .description('Tributary from a terminal: apps, keys, plans, events, webhooks, subgraphs.')
    .addCommand(loginCommand())
    .addCommand(logoutCommand())
    .addCommand(doctorCommand())
    .addCommand(appCommand())
    .addCommand(keyCommand())
    .addCommand(scopeCommand())
    .addCommand(planCommand())
    .addCommand(usageCommand())
    .addCommand(eventsCommand())
    .addCommand(webhookCommand())
    .addCommand(subgraphCommand())
    .addCommand(schemaCommand())
    .addCommand(importPart())
    .addCommand(exportPart())
    .addCommand(completionCommand(() => program))
    .addHelpText('after', teaching)
  forAll(program, (command) => command.exitOverride().showHelpAfterError(`(${pathOf(command)} --help tells more.)`))
  return program
}

/** Runs `tributary` with its arguments. The exit code is the process's own. */
export async function runTributary(args: readonly string[]): Promise<void> {
  // Whoever read the output, such as `head`, has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
  try {
    await createTributary().parseAsync(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    process.exitCode = error.exitCode === 0 || error.code === 'commander.help' ? 0 : 2
  }
}

function forAll(command: Command, act: (command: Command) => void): void {
  act(command)
  for (const part of command.commands) forAll(part, act)
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}
