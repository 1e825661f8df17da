import type { ClientSession, Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel, findByIds } from '../../../storage/documents.ts'
import { changeVersioned } from '../change-versioned.ts'
import { createListReader } from '../list-reader.ts'
import { moment, optionalMoment, optionalText, text, wholeNumber } from '../schema-fields.ts'
import { type PlanRequest, planRequestStatuses } from './plan-request.ts'

/** What partners ask for; of each app one request can be open. */
export function createPlanRequests(connection: Connection) {
  const model = bindModel<PlanRequest>(connection, 'PlanRequest', {
    collection: 'billing_plan_requests',
    fields: {
      organizationId: text,
      appId: text,
      planId: text,
      status: { ...text, enum: planRequestStatuses },
      note: optionalText,
      reason: optionalText,
      createdAt: moment,
      decidedAt: optionalMoment,
      version: wholeNumber,
    },
    indexes: [
      [{ appId: 1 }, { unique: true, partialFilterExpression: { status: 'PENDING' } }],
      [{ createdAt: -1, _id: -1 }],
      [{ status: 1, createdAt: -1, _id: -1 }],
      [{ organizationId: 1, createdAt: -1, _id: -1 }],
      [{ organizationId: 1, status: 1, createdAt: -1, _id: -1 }],
    ],
  })
  const list = createListReader(model, { sortField: 'createdAt', direction: -1 })
  return {
    model,
    readByIds: (caller: Caller, ids: readonly string[]): Promise<PlanRequest[]> =>
      findByIds(model, 'PlanRequest', ids, ownedBy(caller)),
    find: (caller: Caller, id: string, session: ClientSession): Promise<PlanRequest | null> =>
      model.findOne({ _id: id, ...ownedBy(caller) }, null, { session }).lean<PlanRequest>(),
    async insert(request: PlanRequest, session: ClientSession): Promise<void> {
      await model.insertOne(request, { session })
    },
    change: (request: PlanRequest, changes: Partial<PlanRequest>, session: ClientSession): Promise<PlanRequest> =>
      changeVersioned(model, session, request, changes),
    readPage: (caller: Caller, filter: Readonly<Record<string, unknown>>, args: ConnectionArgs) =>
      list({ ...filter, ...ownedBy(caller) }, args),
    createPages: (caller: Caller) =>
      createChildConnections<PlanRequest>({
        model,
        parentField: 'organizationId',
        sortField: 'createdAt',
        direction: -1,
        filter: ownedBy(caller),
      }),
  }
}
