import { exportCommand } from './export/export.ts'

process.exitCode = await exportCommand(process.argv.slice(2))
