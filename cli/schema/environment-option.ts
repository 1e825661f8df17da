import { Option } from 'commander'

/** Whose graph a command is about. */
export function environmentOption(): Option {
  return new Option('--environment <name>', 'whose graph')
    .choices(['live', 'sandbox'])
    .default('live')
    .env('TRIBUTARY_ENVIRONMENT')
}
