import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { demoPassword } from '../../auth/demo-login.ts'
import { deriveSecret } from '../../kit/secrets.ts'
import { demoApps, demoAppKey } from '../../subgraphs/demo-world/apps.ts'
import { type DemoDatabase, demoSecret, openDemoDatabase } from '../storage/demo-database.ts'
import { type AppCredentials, builtSubgraphs, root } from './product.ts'

/** A server process of the fleet, which can be killed and started again on its port. */
interface Member {
  readonly url: string
  kill(): Promise<void>
  start(): Promise<void>
}

/** Many machines in small: one database, two processes of every named subgraph and one of the others, three gateways. */
export interface Fleet extends AsyncDisposable {
  readonly database: DemoDatabase
  readonly gateways: readonly Member[]
  /** The authorization server, where the fleet was asked to have one. */
  readonly auth: Member | null
  /** The password of the demo's person. */
  readonly password: string
  /** The processes of a subgraph; the first and third gateway ask the first one. */
  readonly subgraph: (name: string) => readonly Member[]
  /** A demo app with its key, which no start has printed. */
  readonly app: (slug: string) => AppCredentials
}

/**
 * Starts a fleet on a seeded database of its own. `between` may put something between a gateway and a subgraph: it gets
 * the subgraph's URL and answers the one that the gateway is given.
 */
export async function startFleet(
  doubled: readonly string[],
  options: {
    readonly withAuth?: boolean
    readonly between?: (url: string, way: { readonly gateway: number; readonly subgraph: string }) => Promise<string>
  } = {},
): Promise<Fleet> {
  const database = await openDemoDatabase()
  const subgraphs = await builtSubgraphs()
  const children = new Set<ChildProcess>()
  const base = { ...database.settings, LOG_LEVEL: 'fatal' }

  const launch = async (args: readonly string[], env: Record<string, string>): Promise<Member> => {
    const port = await freePort()
    let child: ChildProcess | undefined
    const member: Member = {
      url: `http://127.0.0.1:${port}`,
      async start() {
        child = spawn(process.execPath, [...args], {
          cwd: root,
          env: { ...process.env, ...base, ...env, PORT: String(port) },
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        children.add(child)
        await printed(child, /ready at|Stop with Ctrl-C/)
      },
      async kill() {
        if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
        const ended = once(child, 'exit')
        child.kill('SIGKILL')
        await ended
        children.delete(child)
      },
    }
    await member.start()
    return member
  }

  const members = new Map<string, readonly Member[]>()
  await Promise.all(
    subgraphs.map(async ({ name }) => {
      const copies = doubled.includes(name) ? [0, 1] : [0]
      members.set(name, await Promise.all(copies.map(() => launch(['dist/subgraphs/main.js', name], {}))))
    }),
  )
  const urlOf = (name: string, copy = 0): string => {
    const copies = members.get(name) ?? []
    return `${copies[copy % copies.length]?.url}/graphql`
  }
  const auth = options.withAuth
    ? await launch(['dist/auth/main.js'], { PARTNER_URL: urlOf('partner'), BILLING_URL: urlOf('billing') })
    : null
  const gateways = await Promise.all(
    [0, 1, 2].map(async (gateway) => {
      const urls = await Promise.all(
        subgraphs.map(async ({ name, urlSetting }) => {
          const url = urlOf(name, gateway)
          return [urlSetting, (await options.between?.(url, { gateway, subgraph: name })) ?? url] as const
        }),
      )
      return launch(['dist/gateway/main.js'], {
        ...Object.fromEntries(urls),
        ...(auth === null ? {} : { AUTH_URL: auth.url }),
      })
    }),
  )
  return {
    database,
    gateways,
    auth,
    password: demoPassword(deriveSecret(demoSecret, 'demo-login')),
    subgraph: (name) => members.get(name) ?? [],
    app(slug) {
      const app = demoApps.find((candidate) => candidate.slug === slug)
      if (!app) throw new Error(`no demo app ${slug}`)
      return { appId: app.id, key: demoAppKey(demoSecret, slug) }
    },
    async [Symbol.asyncDispose]() {
      const running = [...children].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
      const ended = running.map((child) => once(child, 'exit'))
      for (const child of running) child.kill('SIGKILL')
      await Promise.all(ended)
      await database[Symbol.asyncDispose]()
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

function printed(child: ChildProcess, text: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      output += part
      if (text.test(output)) resolve()
    })
    child.once('exit', (code) => reject(new Error(`a process ended with ${code} at its start:\n${output}`)))
  })
}
