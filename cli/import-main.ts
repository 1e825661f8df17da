import { importCommand } from './import/import.ts'

process.exitCode = await importCommand(process.argv.slice(2))
