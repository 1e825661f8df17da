import type { ConnectionArgs } from '../../../kit/connection.ts'
import { CodedError } from '../../../kit/errors.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import { boundedText } from '../bounded-text.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { commandResolver } from '../command.ts'
import { requireOperator } from '../require-operator.ts'
import { type Entitlement, type EntitlementAction, type EntitlementState, goodsKey, granteeKey } from './entitlement.ts'
import { grantEntitlement } from './grant-entitlement.ts'
import { revokeEntitlement } from './revoke-entitlement.ts'

interface ById {
  readonly id: string
}

interface ListArgs extends ConnectionArgs {
  readonly organizationId?: string | null
  readonly tierId?: string | null
  readonly territory?: string | null
  readonly productId?: string | null
  readonly family?: string | null
  readonly action?: EntitlementAction | null
  readonly state?: EntitlementState | null
}

const payload = {
  entity: 'entitlement',
  load: ({ loaders }: CatalogContext, id: string) => loaders.entitlements.load(id),
}

export const entitlementResolvers: Resolvers<CatalogContext> = {
  Query: {
    entitlements: (_: unknown, args: ListArgs, { caller, models }: CatalogContext) => {
      requireOperator(caller)
      return models.entitlements.readPage(args, {
        grantee: oneOf(args, ['organizationId', 'tierId', 'territory'], granteeKey),
        goods: oneOf(args, ['productId', 'family'], goodsKey),
        action: args.action ?? null,
        state: args.state ?? null,
      })
    },
    entitlement: (_: unknown, { id }: ById, { loaders }: CatalogContext) => loaders.entitlements.load(id),
  },
  Mutation: {
    grantEntitlement: commandResolver('grantEntitlement', grantEntitlement, payload),
    revokeEntitlement: commandResolver('revokeEntitlement', revokeEntitlement, payload),
  },
  Entitlement: {
    __resolveReference: ({ id }: ById, { loaders }: CatalogContext) => loaders.entitlements.load(id),
    id: ({ _id }: Entitlement) => _id,
    organization: ({ organizationId }: Entitlement) => (organizationId === null ? null : { id: organizationId }),
    product: ({ productId }: Entitlement, _args: unknown, { loaders }: CatalogContext) =>
      productId === null ? null : loaders.products.load(productId),
  },
}

/** The key of the one argument of several that was given; null when none was. */
function oneOf<Name extends 'organizationId' | 'tierId' | 'territory' | 'productId' | 'family'>(
  args: ListArgs,
  names: readonly Name[],
  keyOf: (named: Record<Name, string | null>) => string,
): string | null {
  const named = Object.fromEntries(names.map((name) => [name, boundedText(name, args[name])]))
  const count = Object.values(named).filter((value) => value !== null).length
  if (count > 1) {
    const message = `Give at most one of ${names.map((name) => `\`${name}\``).join(', ')}.`
    throw new CodedError('BAD_USER_INPUT', message, { argument: names[0] })
  }
  return count === 0 ? null : keyOf(named as Record<Name, string | null>)
}
