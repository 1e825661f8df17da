import type { ClientSession } from 'mongoose'
import type { ImportJob, ImportKind, ImportState } from '../../jobs/imports/import-job.ts'
import type { ConnectionArgs } from '../../kit/connection.ts'
import type { Resolvers } from '../../kit/subgraph-definition.ts'
import { mutate } from '../../storage/mutate.ts'
import {
  type AppendImportInput,
  type FinishImportInput,
  appendImport,
  cancelImport,
  finishImport,
} from './append-import.ts'
import type { BulkContext } from './bulk-context.ts'
import { type StartImportInput, startImport } from './start-import.ts'

interface ById {
  readonly id: string
}
interface Call<Input> {
  readonly input: Input
  readonly idempotencyKey?: string | null
}
type Command<Input> = (context: BulkContext, input: Input, session: ClientSession) => Promise<string>

/** A mutation that answers an import. Sequences make chunks idempotent, so only `startImport` takes a key. */
function command<Input extends object>(name: string, run: Command<Input>) {
  return async (_: unknown, { input, idempotencyKey }: Call<Input>, context: BulkContext) => {
    const { id, userErrors } = await mutate(context, { name, input, idempotencyKey }, (session) =>
      run(context, input, session),
    )
    const importJobId = 'importJobId' in input ? String(input.importJobId) : null
    const shown = id ?? importJobId
    return { importJob: shown === null ? null : context.loaders.jobs.load(shown), userErrors }
  }
}

export const resolvers: Resolvers<BulkContext> = {
  Query: {
    importKinds: async (_: unknown, _args: unknown, { models, caller }: BulkContext) => {
      const kinds = await models.kinds.find().sort({ _id: 1 }).lean<ImportKind[]>()
      return kinds.filter(({ scope }) => caller.scopes.includes(scope))
    },
    importJob: (_: unknown, { id }: ById, { loaders }: BulkContext) => loaders.jobs.load(id),
    importJobs: (
      _: unknown,
      { kind, state, ...page }: ConnectionArgs & { kind?: string | null; state?: ImportState | null },
      { models, caller }: BulkContext,
    ) => models.page(caller, page, { ...(kind ? { kind } : {}), ...(state ? { state } : {}) }),
  },
  Mutation: {
    startImport: command<StartImportInput>('startImport', startImport),
    appendImport: command<AppendImportInput>('appendImport', appendImport),
    finishImport: command<FinishImportInput>('finishImport', finishImport),
    cancelImport: command<{ readonly importJobId: string }>('cancelImport', cancelImport),
  },
  ImportKind: {
    kind: ({ _id }: ImportKind) => _id,
  },
  ImportJob: {
    __resolveReference: ({ id }: ById, { loaders }: BulkContext) => loaders.jobs.load(id),
    id: ({ _id }: ImportJob) => _id,
    appliedChunks: ({ nextChunk, receivedChunks }: ImportJob) => Math.min(nextChunk, receivedChunks),
    refusedLines: ({ _id }: ImportJob, args: ConnectionArgs, { models }: BulkContext) => models.refusedLines(_id, args),
  },
}
