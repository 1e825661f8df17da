/** What the checks say of a subgraph, as the graph answers it. */
export interface CheckAnswer {
  readonly passed: boolean
  readonly usageDays: number
  readonly hints: readonly string[]
  readonly problems: readonly {
    readonly severity: 'ERROR' | 'WARNING'
    readonly rule: string
    readonly message: string
    readonly subgraph: string
    readonly line: number
    readonly column: number
    readonly hint: string | null
    readonly query: string | null
    readonly documents: readonly DocumentAnswer[]
  }[]
  readonly changes: readonly ChangeAnswer[]
}

/** A trusted document that would fail or become dearer. */
interface DocumentAnswer {
  readonly documentId: string
  readonly operationName: string | null
  readonly line: number | null
  readonly column: number | null
  readonly costBefore: number | null
  readonly costAfter: number | null
  readonly costLimit: number | null
}

/** How the graph that clients see differs. */
export interface ChangeAnswer {
  readonly criticality: 'BREAKING' | 'DANGEROUS' | 'SAFE'
  readonly message: string
  readonly coordinate: string | null
  readonly contracts: readonly string[]
  readonly accepted: boolean
  readonly users: readonly {
    readonly appName: string
    readonly organizationName: string | null
    readonly planName: string | null
    readonly monthlyPrice: string | null
    readonly calls: number
    readonly contacts: readonly { readonly name: string; readonly email: string }[]
  }[]
}

const userFields = 'appId appName organizationName planName monthlyPrice calls contacts { name email }'

/** What to select of a change. */
export const changeFields = `criticality kind message coordinate contracts accepted users { ${userFields} }`

/** What to select of a check. */
export const checkFields = `passed usageDays hints
  problems {
    severity rule message subgraph coordinate line column hint query
    app { appId appName organizationId organizationName planName monthlyPrice contacts { name email } }
    documents { documentId operationName line column costBefore costAfter costLimit }
  }
  changes { ${changeFields} }`

/** A check for people, what stops first. */
export function describeCheck({ passed, problems, changes, usageDays }: CheckAnswer): string {
  const lines = problems.flatMap(({ severity, rule, message, subgraph, line, column, hint, query, documents }) => [
    `${severity.toLowerCase().padEnd(7)}  ${subgraph}:${line}:${column}  ${rule}  ${message}`,
    // The first is in the message.
    ...documents.slice(1).map((document) => indent(describeDocument(document))),
    ...(hint === null ? [] : [indent(hint)]),
    ...(query === null ? [] : [indent(query)]),
  ])
  const counts = (['BREAKING', 'DANGEROUS', 'SAFE'] as const)
    .map(
      (criticality) =>
        `${changes.filter((each) => each.criticality === criticality).length} ${criticality.toLowerCase()}`,
    )
    .join(', ')
  return [
    ...lines,
    // Of what nobody notices, their number is enough.
    ...changes.filter(({ criticality }) => criticality !== 'SAFE').map((change) => describeChange(change)),
    `Changes for clients: ${counts}, judged by the usage of ${usageDays} days.`,
    passed ? 'Nothing stops it.' : 'It cannot be published so.',
  ].join('\n')
}

/** A change for people, with who would notice and whom to write to. */
export function describeChange({ criticality, message, contracts, accepted, users }: ChangeAnswer): string {
  const seen = contracts.length === 0 ? '' : ` (in ${contracts.join(', ')})`
  const head = `${criticality.toLowerCase().padEnd(9)}${accepted ? ' (accepted)' : ''}  ${message}${seen}`
  const noticed = users.map(({ appName, organizationName, planName, monthlyPrice, calls, contacts }) => {
    const plan =
      planName === null ? '' : `, plan ${planName}${monthlyPrice === null ? '' : ` for ${monthlyPrice} a month`}`
    const people = contacts.map(({ name, email }) => `${name} <${email}>`).join(', ')
    // Who holds a scope that goes is told whether it was used or not.
    const [how, often] = calls === 0 ? ['granted to', ''] : ['used by', `: ${calls} calls`]
    return indent(`${how} ${appName} of ${organizationName ?? '?'}${plan}${often}. ${people}`.trimEnd())
  })
  return [head, ...noticed].join('\n')
}

/** `sha256:… (Home) at 3:5`, or `sha256:… (Home) 120 points now and 2300 then, of at most 2000`. */
function describeDocument(document: DocumentAnswer): string {
  const { documentId, operationName, line, column, costBefore, costAfter, costLimit } = document
  const name = `${documentId}${operationName === null ? '' : ` (${operationName})`}`
  if (line !== null) return `${name} at ${line}:${column}`
  return `${name} ${costBefore} points now and ${costAfter} then${costLimit === null ? '' : `, of at most ${costLimit}`}`
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `         ${line}`)
    .join('\n')
}
