import { existsSync, readFileSync } from 'node:fs'
import { CompositionError } from '../subgraphs/compose.ts'
import { findSchemaProblems } from './checks/find-schema-problems.ts'
import { composeSchemas } from './compose-schemas.ts'

// `npm run schema:check`: every rule of the house that can be read off the SDL, and whether the outputs are current.
const problems = await check()
for (const problem of problems) process.stderr.write(`${problem}\n`)
process.stdout.write(problems.length === 0 ? 'The schema is sound and up to date.\n' : `${problems.length} problems.\n`)
process.exitCode = problems.length === 0 ? 0 : 1

async function check(): Promise<string[]> {
  try {
    return [...(await outputProblems()), ...(await findSchemaProblems())]
  } catch (error) {
    if (!(error instanceof CompositionError)) throw error
    return [error.message]
  }
}

async function outputProblems(): Promise<string[]> {
  const { files, problems: ofContracts } = await composeSchemas()
  const stale = Object.entries(files)
    .filter(([file, text]) => {
      const url = new URL(file, import.meta.url)
      return !existsSync(url) || readFileSync(url, 'utf8') !== text
    })
    .map(([file]) => `schema/${file} is stale: run \`npm run schema:compose\` and commit it.`)
  return [...ofContracts, ...stale]
}
