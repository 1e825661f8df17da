import { z } from 'zod'
import { partnerHomePage } from '../../gateway/demo/sample-operations.ts'
import { checkPortalAnswer } from './portal-answer.ts'

export interface PortalQuery {
  readonly name: string
  readonly query: string
  /** Throws unless the data is a full answer. */
  readonly check: (data: unknown) => void
}

const oneFetchAnswer = z.object({ myOrganization: z.object({ name: z.string().min(1) }) })

/** What is measured: the portal's home page over all five subgraphs, and the least that needs one of them. */
export const portalQueries: readonly PortalQuery[] = [
  { name: 'home page', query: partnerHomePage, check: checkPortalAnswer },
  { name: 'one fetch', query: '{ myOrganization { name } }', check: (data) => void oneFetchAnswer.parse(data) },
]
