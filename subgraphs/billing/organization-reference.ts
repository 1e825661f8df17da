interface Owned {
  readonly organizationId: string | null
}

/** The organization that a document belongs to, as a reference to the partner subgraph's; null for the platform's. */
export function organizationReference({ organizationId }: Owned) {
  return organizationId === null ? null : { __typename: 'Organization', id: organizationId }
}

/** The id of a document as the graph calls it. */
export function idOf({ _id }: { readonly _id: string }): string {
  return _id
}
