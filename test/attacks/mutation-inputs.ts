import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql'
import { type IdentifiedType, createId, idPrefixes } from '../../kit/ids.ts'
import { type Field, apiSchema, leavesOf, objectTypeOf } from './api-schema.ts'
import { demoLocations } from '../../subgraphs/demo-world/locations.ts'
import { demoPlans } from '../../subgraphs/demo-world/plans.ts'
import { demoProducts, demoSkus } from '../../subgraphs/demo-world/products.ts'
import type { OwnedData } from './owned-data.ts'

const sharedIds: Readonly<Record<string, string | undefined>> = {
  Product: demoProducts[0]?.id,
  Sku: demoSkus[0]?.id,
  Location: demoLocations[0]?.id,
  Plan: demoPlans[1]?.id,
}

/** A mutation with an id of a victim's record at one place of its input. */
export interface MutationAttack {
  readonly name: string
  /** Where the id stands, as `lines.skuId`. */
  readonly place: string
  readonly id: string
  readonly query: string
  readonly input: object
  /** The same with an id that nobody has. */
  readonly never: object
}

type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value }

/** What names of input fields mean whose ids they take, where the type's name is not in them. */
const namedOtherwise: Readonly<Record<string, IdentifiedType>> = {
  dealId: 'DealRegistration',
  listingId: 'AppListing',
  levelId: 'InventoryLevel',
  guestOrganizationId: 'Organization',
  tierId: 'PartnerTier',
  credentialId: 'AppCredential',
}

/** Every mutation with every field of its input that takes an id, each with ids of the victim's. */
export function* mutationsWithIds(theirs: OwnedData, mine: OwnedData, selection?: string): Generator<MutationAttack> {
  for (const field of Object.values(apiSchema.getMutationType()?.getFields() ?? {})) {
    const input = getNamedType(field.args.find(({ name }) => name === 'input')?.type)
    if (!isInputObjectType(input)) continue
    const about = subjectOf(field)
    const query = `mutation ($input: ${input.name}!) { ${field.name}(input: $input) { ${selection ?? everythingOf(field)} } }`
    for (const place of idPlaces(input)) {
      const types = typesOf(place, about).filter((type) => theirs.ids.has(type))
      for (const type of types) {
        const id = theirs.ids.get(type)?.[0] ?? ''
        const withId = (value: string) => sample(input, { place, value, about, mine, path: '' })
        yield {
          name: field.name,
          place,
          id,
          query,
          input: withId(id),
          never: withId(createId(type)),
        }
      }
    }
  }
}

/** Every mutation with all fields of its input, in which every text is the same. */
export function* mutationsWithTexts(
  mine: OwnedData,
  text: string,
): Generator<Pick<MutationAttack, 'name' | 'query' | 'input'>> {
  for (const field of Object.values(apiSchema.getMutationType()?.getFields() ?? {})) {
    const input = getNamedType(field.args.find(({ name }) => name === 'input')?.type)
    if (!isInputObjectType(input)) continue
    const query = `mutation ($input: ${input.name}!) { ${field.name}(input: $input) { userErrors { code } } }`
    yield {
      name: field.name,
      query,
      input: sample(input, { place: '', value: '', about: subjectOf(field), mine, path: '', text }),
    }
  }
}

/** The entity that a mutation answers, whose id `id` therefore is. */
function subjectOf(field: Field): string {
  const payload = objectTypeOf(field)
  const entities = Object.values(payload?.getFields() ?? {}).filter(({ name }) => name !== 'userErrors')
  return entities.map((entity) => getNamedType(entity.type).name).find((name) => Object.hasOwn(idPrefixes, name)) ?? ''
}

function everythingOf(field: Field): string {
  const payload = objectTypeOf(field)
  const entities = Object.values(payload?.getFields() ?? {}).flatMap((inner) => {
    const type = objectTypeOf(inner)
    if (inner.name === 'userErrors') return []
    return type === null
      ? [inner.name]
      : [
          `${inner.name} { ${leavesOf(type)
            .map(({ name }) => name)
            .join(' ')} }`,
        ]
  })
  return `${entities.join(' ')} userErrors { code field message }`
}

function* idPlaces(input: GraphQLInputObjectType, path = ''): Generator<string> {
  for (const { name, type } of Object.values(input.getFields())) {
    const named = getNamedType(type)
    if (named.name === 'ID') yield `${path}${name}`
    else if (isInputObjectType(named) && path.split('.').length < 3) yield* idPlaces(named, `${path}${name}.`)
  }
}

/** The types whose ids a field takes: the one that its name tells, else all. */
function typesOf(place: string, about: string): readonly IdentifiedType[] {
  const name = (place.split('.').at(-1) ?? '').replace(/Ids$/, 'Id')
  const all = Object.keys(idPrefixes) as IdentifiedType[]
  const known = namedOtherwise[name] ?? all.find((type) => `${type}Id`.toLowerCase() === name.toLowerCase())
  if (known !== undefined) return [known]
  return name === 'id' && Object.hasOwn(idPrefixes, about) ? [about as IdentifiedType] : all
}

interface Sampling {
  readonly place: string
  readonly value: string
  readonly about: string
  readonly mine: OwnedData
  readonly path: string
  /** What stands for every text, where all fields are wanted. */
  readonly text?: string
}

/** An input with what is required, and what leads to the place of the id. */
function sample(input: GraphQLInputObjectType, sampling: Sampling): { readonly [name: string]: Value } {
  const wanted = Object.values(input.getFields()).filter(
    (field) =>
      isRequiredInputField(field) ||
      (sampling.text !== undefined && sampling.path.split('.').length < 4) ||
      sampling.place === `${sampling.path}${field.name}` ||
      sampling.place.startsWith(`${sampling.path}${field.name}.`),
  )
  return Object.fromEntries(
    wanted.map(({ name, type }) => [name, valueOf(type, { ...sampling, path: `${sampling.path}${name}` })]),
  )
}

const texts: Readonly<Record<string, string>> = {
  amount: '100.00',
  currencyCode: 'EUR',
  country: 'DE',
  email: 'attack@fjordline.example',
  domain: 'attack.example',
  website: 'https://attack.example',
  url: 'https://attack.example/file.pdf',
  meter: 'calls',
  scopes: 'catalog:read',
  redirectUris: 'https://attack.example/back',
  code: 'ATT-1',
}

function valueOf(type: GraphQLInputType, sampling: Sampling): Value {
  if (isNonNullType(type)) return valueOf(type.ofType, sampling)
  if (isListType(type)) return [valueOf(type.ofType, sampling)]
  const named = getNamedType(type)
  if (isInputObjectType(named)) return sample(named, { ...sampling, path: `${sampling.path}.` })
  if (isEnumType(named)) return named.getValues()[0]?.name ?? ''
  const name = sampling.path.split('.').at(-1) ?? ''
  switch (named.name) {
    case 'ID':
      return sampling.path === sampling.place ? sampling.value : ownId(sampling)
    case 'Boolean':
      return true
    case 'Int':
    case 'Float':
      return 1
    case 'DateTimeISO':
      return new Date(Date.now() + 30 * 86_400_000).toISOString()
    default:
      return sampling.text ?? texts[name] ?? `attack by ${name}`
  }
}

/** An id of the attacker's own, so that only the victim's is at fault. */
function ownId({ path, about, mine }: Sampling): string {
  const [type] = typesOf(path, about)

  return (type && (mine.ids.get(type)?.[0] ?? sharedIds[type])) ?? createId('Event')
}
