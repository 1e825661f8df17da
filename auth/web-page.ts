/** A request for one of the pages that stand beside the OAuth flows. */
export interface PageRequest {
  readonly path: string
  readonly query: URLSearchParams
  /** The form; null for a GET. */
  readonly form: URLSearchParams | null
  /** The network address that it comes from. */
  readonly address: string
  readonly cookie: (name: string) => string | undefined
}

/** A cookie to set; an empty value takes it away. */
export interface PageCookie {
  readonly name: string
  readonly value: string
  readonly path: string
  readonly maxAgeMs: number
}

/** A page, or where to go instead. */
export type PageAnswer = { readonly cookies?: readonly PageCookie[] } & (
  | { readonly status: number; readonly body: string }
  | { readonly to: string }
)

/** Answers requests under a path. */
export type PageHandler = (request: PageRequest) => Promise<PageAnswer>
