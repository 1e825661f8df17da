import { parse, printSchema, valueFromASTUntyped, visit } from 'graphql'
import type { LoadedTexts } from '../../kit/schema-workshop.ts'
import { apiOf } from '../checks/api-schema.ts'
import { checkCandidate, composeTexts } from '../checks/check-candidate.ts'
import { compareGraphs } from '../checks/compare-graphs.ts'
import { editionTexts } from '../contracts/edition-texts.ts'
import { tryDocuments } from '../trial/try-documents.ts'
import type { Job, JobOutcome } from './jobs.ts'

// The process of a workshop, started by workshop.ts. Runs on import, and ends with the process that has started it.
process.on('message', (job: Job) => {
  run(job).then(
    (done) => answer({ done }),
    (error: unknown) => answer({ failed: error instanceof Error ? error.message : String(error) }),
  )
})
process.on('disconnect', () => process.exit())

function answer(outcome: JobOutcome): void {
  process.send?.(outcome)
}

async function run(job: Job): Promise<unknown> {
  switch (job.kind) {
    case 'check':
      return checkCandidate(job.candidate)
    case 'compose':
      return composeTexts(job.services)
    case 'compare':
      return compareGraphs(job.before, job.after)
    case 'editions':
      return editionTexts(job.supergraphSdl, job.contracts)
    case 'try':
      return tryDocuments(job.trial, job.planner)
    case 'load':
      return load(job.supergraphSdl)
    default:
      return job satisfies never
  }
}

function load(supergraphSdl: string): LoadedTexts {
  const apiSdl = printSchema(apiOf(supergraphSdl))
  const subgraphs: { name: string; url: string }[] = []
  visit(parse(supergraphSdl, { noLocation: true }), {
    EnumTypeDefinition({ name, values = [] }) {
      if (name.value !== 'join__Graph') return false
      for (const { directives = [] } of values) {
        const args = directives[0]?.arguments?.map((one) => [one.name.value, valueFromASTUntyped(one.value)] as const)
        const { name: subgraph, url } = Object.fromEntries(args ?? [])
        subgraphs.push({ name: String(subgraph), url: String(url) })
      }
      return false
    },
  })
  return { apiSdl, subgraphs }
}
