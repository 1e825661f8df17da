import { type Connection, type ConnectionArgs, pageSize } from '../../../kit/connection.ts'
import { CodedError } from '../../../kit/errors.ts'
import type { InventoryLoaders } from '../loaders.ts'
import { type InventoryAdjustmentDocument, adjustmentId } from './ledger-model.ts'

/**
 * The entries of a level, the latest first. A level's versions have no gap and give the ids of its entries, so a page
 * is read by primary key, together with those of all other levels of a response.
 */
export async function adjustmentsOfLevel(
  level: { readonly _id: string; readonly version: number },
  args: ConnectionArgs,
  { adjustment }: Pick<InventoryLoaders, 'adjustment'>,
): Promise<Connection<InventoryAdjustmentDocument>> {
  const first = args.first ?? pageSize.default
  if (!Number.isInteger(first) || first < 1 || first > pageSize.max) {
    throw new CodedError('BAD_USER_INPUT', `\`first\` must be between 1 and ${pageSize.max}.`, { argument: 'first' })
  }
  const latest = args.after ? versionOf(args.after) - 1 : level.version
  const versions = Array.from({ length: Math.max(0, Math.min(first, latest)) }, (_, index) => latest - index)
  const found = await Promise.all(versions.map((version) => adjustment.load(adjustmentId(level._id, version))))
  const nodes = found.flatMap((entry) => entry ?? [])
  const edges = nodes.map((node) => ({ cursor: cursorOf(node.levelVersion), node }))
  return {
    edges,
    nodes,
    pageInfo: {
      hasNextPage: latest > first,
      hasPreviousPage: Boolean(args.after),
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: () => Promise.resolve(level.version),
  }
}

function cursorOf(version: number): string {
  return Buffer.from(`version:${version}`).toString('base64url')
}

function versionOf(cursor: string): number {
  const version = /^version:(\d{1,12})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'))?.[1]
  if (version !== undefined) return Number(version)
  throw new CodedError('BAD_USER_INPUT', '`after` is not a cursor of this connection; pass a `pageInfo.endCursor`.', {
    argument: 'after',
  })
}
