/** What a visit has led to: a page of the server, or an address elsewhere that the browser was sent to. */
export interface Stop {
  readonly status: number
  readonly url: string
  readonly html: string
  readonly headers: Headers
  /** Where the browser would leave to; null on a page. */
  readonly left: URL | null
}

export interface Visitor {
  open(url: string): Promise<Stop>
  /** Sends the form of a page, its hidden fields included, as a browser without scripts would. */
  submit(page: Stop, fields: Readonly<Record<string, string>>, headers?: Record<string, string>): Promise<Stop>
  readonly cookies: Map<string, string>
}

/** A browser without scripts: cookies by path, redirects, forms. Knows one origin. */
export function createVisitor(origin: string): Visitor {
  const cookies = new Map<string, string>()
  const store = (headers: Headers): void => {
    for (const line of headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      const path = /path=([^;]+)/i.exec(line)?.[1] ?? '/'
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(`${path} ${name}`)
      else cookies.set(`${path} ${name}`, value)
    }
  }
  const cookiesFor = (path: string): string =>
    [...cookies]
      .filter(([key]) => path.startsWith(key.split(' ')[0] ?? ''))
      .map(([key, value]) => `${key.split(' ')[1]}=${value}`)
      .join('; ')
  const go = async (address: string, init: RequestInit = {}): Promise<Stop> => {
    let url = new URL(address, origin)
    let request = init
    for (let hops = 0; hops < 12; hops++) {
      const headers = new Headers(request.headers)
      headers.set('cookie', cookiesFor(url.pathname))
      headers.set('accept', 'text/html')
      const response = await fetch(url, { ...request, headers, redirect: 'manual' })
      store(response.headers)
      const location = response.headers.get('location')
      const html = await response.text()
      const stop = { status: response.status, url: url.href, html, headers: response.headers }
      if (location === null) return { ...stop, left: null }
      const to = new URL(location, url)
      if (to.origin !== origin) return { ...stop, left: to }
      url = to
      request = {}
    }
    throw new Error(`too many redirects at ${url.href}`)
  }
  return {
    cookies,
    open: (url) => go(url),
    submit(page, fields, headers = {}) {
      const form = /<form\b[^>]*>/.exec(page.html)?.[0] ?? ''
      const action = /action="([^"]*)"/.exec(form)?.[1] ?? page.url
      const hidden = [...page.html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"\s*\/?>/g)]
      const body = new URLSearchParams({
        ...Object.fromEntries(hidden.map(([, name, value]) => [name, value])),
        ...fields,
      })
      return go(new URL(action, page.url).href, { method: 'POST', body, headers })
    },
  }
}
