import type { GraphQLSchema } from 'graphql'
import type { Connection } from 'mongoose'
import type { Config } from '../kit/config.ts'
import { buildGuardedSchema } from '../kit/shield/guarded-schema.ts'
import type { SubgraphDefinition } from '../kit/subgraph-definition.ts'
import { type SubgraphDependencies, type SubgraphService, createSubgraphService } from '../kit/subgraph-service.ts'
import { seedBilling } from './billing/seed.ts'
import { billingSubgraph } from './billing/subgraph.ts'
import { bulkSubgraph } from './bulk/subgraph.ts'
import { seedCatalog } from './catalog/seed.ts'
import { catalogSubgraph } from './catalog/subgraph.ts'
import { seedDeals } from './deals/seed.ts'
import { dealsSubgraph } from './deals/subgraph.ts'
import { eventsSubgraph } from './events/subgraph.ts'
import { seedInventory } from './inventory/seed.ts'
import { inventorySubgraph } from './inventory/subgraph.ts'
import { seedPartner } from './partner/seed.ts'
import { partnerSubgraph } from './partner/subgraph.ts'
import { schemasSubgraph } from './schemas/subgraph.ts'

interface SeedDependencies {
  readonly connection: Connection
  readonly now: () => Date
  /** The installation's secret, from which the keys of the demo apps derive. */
  readonly secret: string
}

/** A subgraph as composition, start and seeding see it, whatever its models are. */
export interface RegisteredSubgraph {
  readonly name: string
  readonly sdl: string
  /** Where it listens when it runs as a process of its own. */
  readonly port: number
  /** The setting that holds its URL when it does. */
  readonly urlSetting: UrlSetting
  /** Binds it to a database and makes its indexes. */
  readonly createService: (dependencies: SubgraphDependencies) => Promise<SubgraphService>
  /** The schema that it runs, guards included, without models behind it: for checks. */
  readonly guardedSchema: () => GraphQLSchema
  /** Binds its models to a connection and does nothing with them: for checks. */
  readonly bindModels: (connection: Connection) => void
  /** Fills its empty collections with its part of the demo. */
  readonly seed: (dependencies: SeedDependencies) => Promise<void>
}

type UrlSetting = Extract<keyof Config, `${string}_URL`>

function register<Models, Loaders>(
  definition: SubgraphDefinition<Models, Loaders>,
  { port, urlSetting, seed }: Pick<RegisteredSubgraph, 'port' | 'urlSetting'> & { seed: Seed },
): RegisteredSubgraph {
  return {
    name: definition.name,
    sdl: definition.sdl,
    port,
    urlSetting,
    createService: (dependencies) => createSubgraphService(definition, dependencies),
    guardedSchema: () => buildGuardedSchema(definition).schema,
    bindModels: (connection) => {
      definition.createModels({ connection, now: () => new Date(0), secretFor: () => Buffer.alloc(32) })
    },
    seed: ({ connection, ...options }) => seed(connection, options),
  }
}

type Seed = (connection: Connection, options: Omit<SeedDependencies, 'connection'>) => Promise<void>

const seedsNothing: Seed = () => Promise.resolve()

/** The one list of subgraphs: composition, start, ports and seeds all read it. */
export const subgraphs: readonly RegisteredSubgraph[] = [
  register(partnerSubgraph, { port: 4001, urlSetting: 'PARTNER_URL', seed: seedPartner }),
  register(catalogSubgraph, { port: 4002, urlSetting: 'CATALOG_URL', seed: seedCatalog }),
  register(dealsSubgraph, { port: 4003, urlSetting: 'DEALS_URL', seed: seedDeals }),
  register(inventorySubgraph, { port: 4004, urlSetting: 'INVENTORY_URL', seed: seedInventory }),
  register(billingSubgraph, { port: 4005, urlSetting: 'BILLING_URL', seed: seedBilling }),
  register(bulkSubgraph, { port: 4006, urlSetting: 'BULK_URL', seed: seedsNothing }),
  register(eventsSubgraph, { port: 4008, urlSetting: 'EVENTS_URL', seed: seedsNothing }),
  register(schemasSubgraph, { port: 4009, urlSetting: 'SCHEMAS_URL', seed: seedsNothing }),
]
