import { CodedError } from '../../kit/errors.ts'
import type { ConnectionArgs } from '../../kit/connection.ts'
import type { DomainEvent } from '../../kit/events.ts'
import type { Resolvers } from '../../kit/subgraph-definition.ts'
import { subgraphNamePattern } from '../../kit/subgraph-name.ts'
import { withSignsOfLife } from '../../kit/with-signs-of-life.ts'
import { requireOperator } from '../../storage/command-target.ts'
import { MutationRefused, mutate, refuse } from '../../storage/mutate.ts'
import type { JudgedProblem } from './judge-documents.ts'
import {
  type CheckSubgraphInput,
  type PreparedChange,
  checkSubgraph,
  preparePublish,
  prepareRetire,
  prepareRollBack,
  storeChange,
} from './publish.ts'
import { contractResolvers } from './contracts/contract-resolvers.ts'
import { deprecationResolvers } from './deprecations/deprecation-resolvers.ts'
import { gatewayResolvers } from './gateways/gateway-resolvers.ts'
import type { JudgedChange } from './judge-changes.ts'
import type { SchemasContext } from './schemas-context.ts'
import type { GraphEnvironment, SubgraphVersion } from './subgraph-versions.ts'
import type { Supergraph } from './supergraphs.ts'
import { supergraphChanges } from './supergraph-changes.ts'

interface Of {
  readonly environment: GraphEnvironment
}
interface Change extends Of {
  readonly subgraph: string
}
interface Call<Input> {
  readonly input: Input
  readonly idempotencyKey?: string | null
}

const signOfLife = { environment: null, number: null }
const signEveryMs = 1_000
/** A gateway that is so far behind is cut off, and looks anew. */
const mostWaiting = 1_000

/** Checks first, which takes seconds and must hold no transaction open, then stores what has passed. */
function command<Input extends Change>(
  name: string,
  prepare: (context: SchemasContext, input: Input) => Promise<PreparedChange>,
) {
  return async (_: unknown, { input, idempotencyKey }: Call<Input>, context: SchemasContext) => {
    requireOperator(context, 'publishes subgraphs')
    const prepared = await prepare(context, input).catch((error: unknown) => {
      if (error instanceof MutationRefused) return error
      throw error
    })
    const call = {
      name,
      input,
      idempotencyKey,
      contended: [`schemas:${input.environment}`, `schemas:${input.subgraph}`],
    }
    const { id, userErrors } = await mutate(context, call, (session) => {
      if (prepared instanceof MutationRefused) throw prepared
      return storeChange(context, prepared, session)
    })
    const version = id === null ? null : await context.loaders.versions.load(id)
    const check = version?.check ?? (prepared instanceof MutationRefused ? null : prepared.check)
    return { subgraphVersion: version, check, userErrors }
  }
}

const registryResolvers: Resolvers<SchemasContext> = {
  Query: {
    async publishedSubgraphs(_: unknown, { environment }: Of, { models }: SchemasContext) {
      const { versions } = await models.served(environment)
      return versions.toSorted((a, b) => (a.subgraph < b.subgraph ? -1 : 1))
    },
    subgraphVersions: (
      _: unknown,
      { environment, subgraph, ...page }: ConnectionArgs & Of & { readonly subgraph?: string | null },
      { models }: SchemasContext,
    ) => models.versions.page(page, { environment, ...(subgraph == null ? {} : { subgraph }) }),
    subgraphVersion: (_: unknown, { id }: { readonly id: string }, { loaders }: SchemasContext) =>
      loaders.versions.load(id),
    supergraph: (_: unknown, args: Of & { readonly number?: number | null }, { models }: SchemasContext) =>
      args.number == null
        ? models.supergraphs.current(args.environment)
        : models.supergraphs.byNumber(args.environment, args.number),
    supergraphs: (_: unknown, { environment, ...page }: ConnectionArgs & Of, { models }: SchemasContext) =>
      models.supergraphs.page(page, environment),
    async checkSubgraph(_: unknown, { input }: { readonly input: CheckSubgraphInput }, context: SchemasContext) {
      requireOperator(context, 'checks subgraphs')
      try {
        return await checkSubgraph(context, input)
      } catch (error) {
        // A query has no userErrors: what a mutation would refuse before checking is a fault of the input here.
        if (!(error instanceof MutationRefused)) throw error
        throw new CodedError('BAD_USER_INPUT', error.userErrors.map(({ message }) => message).join(' '))
      }
    },
    supergraphChanges: (
      _: unknown,
      args: Of & { readonly from: number; readonly to?: number | null },
      context: SchemasContext,
    ) => supergraphChanges(context, args),
    async servedSupergraph(
      _: unknown,
      { environment, unless }: Of & { readonly unless?: number | null },
      { models }: SchemasContext,
    ) {
      if (unless != null && (await models.supergraphs.currentNumber(environment)) === unless) return null
      const { supergraph, versions } = await models.served(environment)
      if (supergraph === null) return null
      const subgraphs = versions.map(({ subgraph, number, url, sdl }) => ({ name: subgraph, number, url, sdl }))
      return { ...supergraph, subgraphs }
    },
  },
  Mutation: {
    publishSubgraph: command('publishSubgraph', preparePublish),
    rollBackSubgraph: command('rollBackSubgraph', prepareRollBack),
    retireSubgraph: command('retireSubgraph', prepareRetire),
    async revealSubgraphKey(_: unknown, { input }: Call<{ readonly subgraph: string }>, context: SchemasContext) {
      requireOperator(context, "reads subgraphs' keys")
      const { id, userErrors } = await mutate(context, { name: 'revealSubgraphKey', input }, () => {
        if (subgraphNamePattern.test(input.subgraph)) return Promise.resolve(input.subgraph)
        const message = 'A name has 1 to 40 lower-case letters, digits and dashes and begins with a letter.'
        return Promise.reject(refuse('INVALID_INPUT', ['input', 'subgraph'], message))
      })
      return { signingKey: id === null ? null : context.models.keyOf(id), userErrors }
    },
  },
  Subscription: {
    supergraphChanged: {
      async subscribe(_: unknown, _args: unknown, { events }: SchemasContext) {
        const feed = await events.subscribe(['subgraph.published', 'subgraph.retired'])
        return withSignsOfLife(feed, { everyMs: signEveryMs, limit: mostWaiting })
      },
      resolve: (event: DomainEvent | null) =>
        event === null
          ? signOfLife
          : { environment: event.data['environment'], number: event.data['supergraphNumber'] },
    },
  },
  // Those of versions that were published before there were contracts have none.
  SchemaChange: { contracts: ({ contracts }: JudgedChange) => contracts ?? [] },
  SchemaProblem: {
    app: ({ app }: Partial<JudgedProblem>) => app ?? null,
    documents: ({ documents = [] }: Partial<JudgedProblem>) => documents,
  },
  SubgraphVersion: {
    __resolveReference: ({ id }: { readonly id: string }, { loaders }: SchemasContext) => loaders.versions.load(id),
    id: ({ _id }: SubgraphVersion) => _id,
    authorApp: ({ author }: SubgraphVersion) => ({ __typename: 'App', id: author }),
    async state({ _id, environment, retirement }: SubgraphVersion, _args: unknown, { loaders }: SchemasContext) {
      if (retirement) return 'RETIREMENT'
      const current = await loaders.current.load(environment)
      return current?.supergraph?.versionIds.includes(_id) ? 'CURRENT' : 'SUPERSEDED'
    },
  },
  Supergraph: {
    __resolveReference: ({ id }: { readonly id: string }, { loaders }: SchemasContext) => loaders.supergraphs.load(id),
    id: ({ _id }: Supergraph) => _id,
    async isCurrent({ _id, environment }: Supergraph, _args: unknown, { loaders }: SchemasContext) {
      return (await loaders.current.load(environment))?.supergraph?._id === _id
    },
    subgraphs: ({ versionIds }: Supergraph, _args: unknown, { loaders }: SchemasContext) =>
      loaders.versions.loadMany([...versionIds]),
  },
}

/** The resolvers of all features; a type that several extend has the fields of each. */
export const resolvers: Resolvers<SchemasContext> = {
  ...registryResolvers,
  ...gatewayResolvers,
  Query: {
    ...registryResolvers['Query'],
    ...gatewayResolvers['Query'],
    ...deprecationResolvers['Query'],
    ...contractResolvers['Query'],
  },
  Mutation: { ...registryResolvers['Mutation'], ...gatewayResolvers['Mutation'] },
}
