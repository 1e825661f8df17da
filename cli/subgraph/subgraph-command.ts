import { Command } from 'commander'
import { devCommand } from './dev-command.ts'
import { keyCommand } from './key-command.ts'
import { newCommand } from './new-command.ts'

/** `tributary subgraph`. */
export function subgraphCommand(): Command {
  return new Command('subgraph')
    .summary('make a subgraph, and work on it beside a running gateway')
    .description('From nothing to a field in the explorer: docs/adding-a-subgraph.md tells each step.')
    .addCommand(newCommand())
    .addCommand(devCommand())
    .addCommand(keyCommand())
}
