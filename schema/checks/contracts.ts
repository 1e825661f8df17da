import type { DocumentNode } from 'graphql'
import { type ContractsBefore, type DatedVersion, isWhole, stateOfVersion } from '../../kit/contracts.ts'
import type { SchemaChange, SchemaProblem } from '../../kit/schema-workshop.ts'
import { contractSdl } from '../contracts/contract-sdl.ts'
import { schemaOf } from './api-schema.ts'
import { compareSchemas } from './compare-schemas.ts'
import { placeOf } from './locate.ts'

/** A candidate as it was composed, and how it differs for who sees all of it. */
interface ComposedCandidate {
  readonly supergraphSdl: string
  readonly apiSdl: string
  readonly before: string
  readonly changes: readonly SchemaChange[]
  /** The subgraph that changed, and its SDL; null where one is taken away. */
  readonly subgraph: string
  readonly document: DocumentNode | null
}

/**
 * Whether every contract is still a schema, what changes for the clients of each, and whether supported versions still
 * have what they promise. Changes that clients of the whole graph see too are told once, with the contracts' names;
 * what a contract alone loses or comes to show, by a tag on what others may have declared, is told as well.
 */
export async function checkContracts(
  candidate: ComposedCandidate,
  { contracts, versions, sdls, now }: ContractsBefore,
): Promise<{ readonly problems: readonly SchemaProblem[]; readonly changes: readonly SchemaChange[] }> {
  const problems: SchemaProblem[] = []
  const ofAll = contracts.filter(isWhole).map(({ name }) => name)
  const changes = new Map(candidate.changes.map((change) => [keyOf(change), { ...change, contracts: ofAll }]))
  for (const rule of contracts.filter((one) => !isWhole(one))) {
    const before = sdls.get(rule.name)
    const outcome = contractSdl(candidate.supergraphSdl, rule)
    if (!('sdl' in outcome)) {
      // What was no schema before is not this candidate's to mend.
      if (before !== undefined) {
        const told = outcome.faults.slice(0, mostTold).map(({ message, coordinate }) => ({
          rule: 'CONTRACT',
          message: `The contract ${rule.name} would be no schema. ${message}`,
          coordinate,
          hint: 'Tag what belongs together alike: a field with its argument, an input field with its type.',
        }))
        problems.push(...told.map((fault) => problem(candidate, fault)))
      }
      continue
    }
    if (before === undefined) continue
    for (const change of await compareSchemas(schemaOf(before), schemaOf(outcome.sdl))) {
      const known = changes.get(keyOf(change))
      changes.set(keyOf(change), { ...(known ?? change), contracts: [...(known?.contracts ?? []), rule.name] })
    }
  }
  const supported = versions.filter((version) => stateOfVersion(version, now) !== 'RETIRED')
  const broken = new Map<string, readonly SchemaChange[]>()
  for (const version of supported) {
    const lost = await brokenPromises(candidate, version)
    broken.set(version.version, lost)
    problems.push(...describeBroken(candidate, version, lost))
  }
  const seenByAll = new Set(candidate.changes.map(keyOf))
  const told = [...changes].map(([key, change]): SchemaChange => {
    const isOfAll = seenByAll.has(key)
    const versionsOf = [...broken].flatMap(([version, lost]) => (lost.some((one) => keyOf(one) === key) ? version : []))
    // Scopes are asked for on every path.
    if (change.access !== undefined) return change
    const noticedIn = [...(isOfAll ? [null] : []), ...change.contracts, ...versionsOf]
    return isOfAll ? { ...change, noticedIn } : onlyIn({ ...change, noticedIn }, candidate.document)
  })
  const ordered = told.toSorted((a, b) => order.indexOf(a.criticality) - order.indexOf(b.criticality))
  return { problems, changes: ordered }
}

/** What the whole graph keeps is still in the text, and is told to have gone from the contracts alone. */
function onlyIn<Change extends SchemaChange>(change: Change, document: DocumentNode | null): Change {
  const { message, contracts = [], coordinate } = change
  const place = placeOf(document, coordinate)
  return { ...change, message: `${message} in the contract ${contracts.join(' and in ')} only`, place }
}

const mostTold = 20
const order = ['BREAKING', 'DANGEROUS', 'SAFE']

/** What a version promises and the graph has had so far: no usage is looked at, for the promise has a date. */
async function brokenPromises(candidate: ComposedCandidate, { sdl }: DatedVersion): Promise<readonly SchemaChange[]> {
  const promised = schemaOf(sdl)
  const after = (await compareSchemas(promised, schemaOf(candidate.apiSdl))).filter(breaks)
  if (after.length === 0) return []
  const before = new Set((await compareSchemas(promised, schemaOf(candidate.before))).filter(breaks).map(keyOf))
  return after.filter((change) => !before.has(keyOf(change)))
}

function describeBroken(
  candidate: ComposedCandidate,
  { version, contract, until }: DatedVersion,
  lost: readonly SchemaChange[],
): SchemaProblem[] {
  return lost.slice(0, mostTold).map(({ message, coordinate }) =>
    problem(candidate, {
      rule: 'VERSION_PROMISE',
      message: `${message}. The version ${version} of the contract ${contract} promises it until ${until}.`,
      coordinate,
      hint: `Keep it until ${until}, or have the version end earlier in the file of contracts.`,
    }),
  )
}

function breaks({ criticality }: SchemaChange): boolean {
  return criticality === 'BREAKING'
}

function keyOf({ kind, coordinate }: SchemaChange): string {
  return `${kind} ${coordinate ?? ''}`
}

function problem(
  { subgraph, document }: ComposedCandidate,
  fault: Pick<SchemaProblem, 'rule' | 'message' | 'coordinate' | 'hint'>,
): SchemaProblem {
  return { severity: 'ERROR', ...fault, subgraph, ...placeOf(document, fault.coordinate), query: null }
}
