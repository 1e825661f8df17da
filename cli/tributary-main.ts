import { runTributary } from './tributary.ts'

await runTributary(process.argv.slice(2))
