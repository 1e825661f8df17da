import { type DocumentNode, type FragmentDefinitionNode, Kind, type SelectionSetNode, parse } from 'graphql'
import { once } from '../../kit/once.ts'
import { type DataObject, copyOf, isObject, mergeInto, mergeValue } from './data.ts'
import { generateCode, generatedLater, literal } from './generated-code.ts'

/** Objects of the answer, and of each the index of the entity that stands for it; negative for none. */
export interface Standing {
  readonly objects: readonly DataObject[]
  readonly indexes: readonly number[]
}

/** Adds the entities that were answered to the objects that they stand for. */
export type EntityMerge = (standing: Standing, entities: readonly unknown[]) => void

/** Adds an entity to an object; a copy of what is in it where it was added to another one already. */
type MergeOne = (target: DataObject, entity: DataObject, again: boolean) => void

/**
 * How the entities of each `_entities` field of a document are merged, by its response key. The keys that a subgraph
 * may answer are known, so the code is written out for them: a loop over keys takes three times as long, because the
 * same few lines then see objects of all shapes.
 */
export function createEntityMerges(document: string): (responseKey: string) => EntityMerge {
  const keys = once(() => keysByField(parse(document, { noLocation: true })))
  return (responseKey) => {
    const mergeAll = generatedLater(
      (standing: Standing, entities: readonly unknown[]) => mergeWith(mergeWhole, standing, entities),
      () => {
        const known = keys().get(responseKey)
        const merge = known ? generateMerge([...known]) : mergeWhole
        return (standing, entities) => mergeWith(merge, standing, entities)
      },
    )
    return mergeAll
  }
}

/** For entities whose keys were changed after they came. */
export function mergeRewritten(standing: Standing, entities: readonly unknown[]): void {
  mergeWith(mergeWhole, standing, entities)
}

function mergeWith(merge: MergeOne, { objects, indexes }: Standing, entities: readonly unknown[]): void {
  const used: boolean[] = []
  for (let at = 0; at < objects.length; at++) {
    const index = indexes[at] as number
    const entity = index < 0 ? null : entities[index]
    if (!isObject(entity)) continue
    // Two objects may stand for one entity: each gets a copy, or a later merge into one would show in the other.
    merge(objects[at] as DataObject, entity, used[index] === true)
    used[index] = true
  }
}

const mergeWhole: MergeOne = (target, entity, again) => mergeInto(target, again ? copyOf(entity) : entity)

/** The code does for each key what `mergeInto` does; a function is what is inherited, and no data. */
function generateMerge(keys: readonly string[]): MergeOne {
  const statements = keys.map((key) => {
    const name = literal(key)
    const value = 'again&&typeof v==="object"?copyOf(v):v'
    return `v=s[${name}];if(v!==undefined&&typeof v!=="function"){l=t[${name}];t[${name}]=l===undefined||l===null||typeof l==="function"?${value}:mergeValue(l,${value});}`
  })
  return generateCode(`return function(t,s,again){let v,l;${statements.join('')}}`, { copyOf, mergeValue }) as MergeOne
}

/** The response keys of entities by the response key of the field that fetches them. */
function keysByField({ definitions }: DocumentNode): Map<string, ReadonlySet<string>> {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  const found = new Map<string, ReadonlySet<string>>()
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue
    for (const field of definition.selectionSet.selections) {
      if (field.kind !== Kind.FIELD || field.selectionSet === undefined) continue
      const keys = new Set<string>()
      addKeys(field.selectionSet, fragments, keys)
      found.set((field.alias ?? field.name).value, keys)
    }
  }
  return found
}

function addKeys(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  into: Set<string>,
): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const key = (selection.alias ?? selection.name).value
      // It would not be data; no field has that name.
      if (key !== '__proto__') into.add(key)
      continue
    }
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value)
    if (inner) addKeys(inner.selectionSet, fragments, into)
  }
}
