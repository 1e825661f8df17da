import { writeFileSync } from 'node:fs'
import { composeSchemas } from './compose-schemas.ts'

// `npm run schema:compose` writes what other programs read of the graph: routers the supergraph, clients the API.
const { files, problems } = await composeSchemas()
for (const [file, text] of Object.entries(files)) writeFileSync(new URL(file, import.meta.url), text)
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1
