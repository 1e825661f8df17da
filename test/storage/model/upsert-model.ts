import type { Document } from 'bson'
import { isDocument } from './order.ts'
import { changeAt } from './update-paths.ts'
import { idFirst, modelUpdate, readUpdate, type Request } from './update-model.ts'
import { gathering, refuse, Unspecified } from './unspecified.ts'

/** The document that an upsert inserts; it has no `_id` where the server is to make one. */
export function modelUpsert(request: Request): Document {
  const isReplacement = Object.keys(request.update)[0]?.startsWith('$') !== true
  // What is wrong with the update and what is wrong with the filter may be told in either order.
  const [seed = {}] = gathering(
    [() => seedOf(request.filter), () => (isReplacement ? {} : readUpdate(request)) as Document],
    (work) => work(),
  )
  if (!isReplacement) return idFirst(modelUpdate(seed, request, { inserting: true }))
  const id = '_id' in seed ? { _id: seed['_id'] as unknown } : {}
  return modelUpdate(id, request, { inserting: true })
}

/** The fields that the filter asks to be equal to one value, by name. */
function seedOf(filter: Document): Document {
  const equalities = equalitiesOf(filter)
  for (const [place, [path]] of equalities.entries()) {
    for (const [other] of equalities.slice(place + 1)) {
      if (`${path}.`.startsWith(`${other}.`) || `${other}.`.startsWith(`${path}.`)) refuse(54)
    }
  }
  return equalities
    .toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .reduce<Document>((doc, [path, value]) => changeAt(doc, path.split('.'), { kind: 'makes', of: () => value }), {})
}

function equalitiesOf(filter: Document): [string, unknown][] {
  return Object.entries(filter).flatMap(([field, operand]): [string, unknown][] => {
    if (field === '$and') return (operand as Document[]).flatMap(equalitiesOf)
    if (field.startsWith('$')) return []
    if (!isDocument(operand) || Object.keys(operand)[0]?.startsWith('$') !== true) return [[field, operand]]
    const { $in: values } = operand
    if (Array.isArray(values) && values.length === 1)
      throw new Unspecified('one value in $in, which may be an equality')
    return '$eq' in operand ? [[field, operand['$eq']]] : []
  })
}
