import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DemoCredentials, DemoPerson } from '../../gateway/demo/demo.ts'
import { issuePasswordTicket } from '../../auth/sign-in/password-ticket.ts'
import { startGateway } from '../../gateway/start-gateway.ts'
import { readConfig } from '../../kit/config.ts'
import { createLogger } from '../../kit/log.ts'
import { deriveSecret } from '../../kit/secrets.ts'
import { demoSecret, openDemoDatabase } from '../storage/demo-database.ts'

export interface GraphAnswer {
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are asserted on, not typed
  readonly data?: any
  readonly errors?: readonly { message: string; extensions: Record<string, unknown> }[]
}

export interface RegisteredApp {
  readonly id: string
  readonly key: string
  readonly redirectUri: string
}

export interface AuthUnderTest extends AsyncDisposable {
  /** Where mails become files. */
  readonly dataDir: string
  readonly url: string
  readonly person: DemoPerson
  readonly portal: DemoCredentials
  readonly operator: DemoCredentials
  /** Asks the graph; `authorization` is a header, or an app with its key. */
  ask(as: string | { appId: string; key: string }, query: string, variables?: object): Promise<GraphAnswer>
  /** A link under which a member chooses a password, as `npm run login` prints it. */
  passwordLink(memberId: string, issuedAt?: Date): Promise<string>
  /** All that the authorization server has written, by collection; or all that is in collections of another beginning. */
  stored(beginning?: string): Promise<Readonly<Record<string, readonly object[]>>>
  /** Registers an app of an organization of the demo. A public one has no key. */
  register(options: {
    readonly name: string
    readonly organizationId?: string
    readonly scopes: readonly string[]
    readonly clientType: 'CONFIDENTIAL' | 'PUBLIC'
    readonly redirectUri?: string
  }): Promise<RegisteredApp>
}

const registerMutation = `mutation ($input: RegisterAppInput!) { registerApp(input: $input) {
  app { id } userErrors { code message } } }`
const keyMutation = `mutation ($input: CreateAppCredentialInput!) { createAppCredential(input: $input) {
  key userErrors { code message } } }`

/** The whole product in this process, with its demo, on a free port. */
export async function startAuth(log = createLogger('test', 'error')): Promise<AuthUnderTest> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-auth-'))
  const database = await openDemoDatabase()
  const config = readConfig({ PORT: '0', DATA_DIR: dataDir, ...database.settings })
  const gateway = await startGateway({ config, log })
  const demo = (slug: string): DemoCredentials => {
    const found = gateway.demo.find((app) => app.slug === slug)
    if (found === undefined) throw new Error(`the demo has no app ${slug}`)
    return found
  }
  const operator = demo('operator-console')
  const ask: AuthUnderTest['ask'] = async (as, query, variables = {}) => {
    const credentials: Record<string, string> =
      typeof as === 'string' ? { authorization: as } : { 'x-tributary-app': as.appId, 'x-tributary-key': as.key }
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...credentials },
      body: JSON.stringify({ query, variables }),
    })
    return (await response.json()) as GraphAnswer
  }
  const done = async (query: string, input: object, field: string) => {
    const { data, errors } = await ask(operator, query, { input })
    if (errors || data[field].userErrors.length > 0) throw new Error(JSON.stringify({ data, errors }))
    return data[field]
  }
  if (gateway.person === null) throw new Error('the demo has nobody who can sign in')
  return {
    dataDir,
    url: gateway.url,
    person: gateway.person,
    portal: demo('northwind-portal'),
    operator,
    ask,
    async register({ redirectUri = 'http://127.0.0.1:8976/callback', ...rest }) {
      const input = { ...rest, environment: 'SANDBOX', redirectUris: [redirectUri] }
      const { app } = await done(registerMutation, input, 'registerApp')
      if (rest.clientType === 'PUBLIC') return { id: app.id, key: '', redirectUri }
      const { key } = await done(keyMutation, { appId: app.id, label: 'test' }, 'createAppCredential')
      return { id: app.id, key, redirectUri }
    },
    async passwordLink(memberId, issuedAt = new Date()) {
      const key = deriveSecret(demoSecret, 'password-ticket')
      return `${gateway.url}/oauth/password?ticket=${issuePasswordTicket(key, { memberId, issuedAt })}`
    },
    async stored(beginning = 'auth_') {
      const connection = await database.connect()
      const names = (await connection.listCollections())
        .map(({ name }) => name)
        .filter((name) => name.startsWith(beginning))
      const documents = names.map(async (name) => [name, await connection.collection(name).find().toArray()] as const)
      return Object.fromEntries(await Promise.all(documents))
    },
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await database[Symbol.asyncDispose]()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
