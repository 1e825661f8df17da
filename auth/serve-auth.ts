import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { v7 } from 'uuid'
import { type Config } from '../kit/config.ts'
import { ConfigError } from '../kit/config-error.ts'
import { createLogger } from '../kit/log.ts'
import { deriveSecret } from '../kit/secrets.ts'
import { startMailDelivery } from '../mail/delivery.ts'
import { createMailer } from '../mail/mailer.ts'
import { connectStorage } from '../storage/connect.ts'
import { createHttpTransport } from '../gateway/transport/http-transport.ts'
import { createAuthServer } from './auth-server.ts'

const deadlineMs = 10_000
const now = () => new Date()

/** Serves the authorization server by itself, where gateways have no database. */
export async function serveAuth(config: Config): Promise<{ url: string; close(): Promise<void> }> {
  const { MONGODB_URI: uri, TRIBUTARY_SECRET: secret, PARTNER_URL: partnerUrl, BILLING_URL: billingUrl } = config
  if (uri === undefined) throw new ConfigError('Set MONGODB_URI to the database that the subgraphs have.')
  if (secret === undefined) throw new ConfigError('Set TRIBUTARY_SECRET to the secret that the gateways have.')
  if (partnerUrl === undefined) throw new ConfigError('Set PARTNER_URL: apps and members are of the partner subgraph.')
  if (billingUrl === undefined) throw new ConfigError('Set BILLING_URL: plans are of the billing subgraph.')

  const log = createLogger('auth', config.LOG_LEVEL)
  const storage = await connectStorage({ dataDir: config.DATA_DIR, mongodbUri: uri })
  const signatureKey = deriveSecret(secret, 'gateway-signature')
  const transportTo = (name: string, url: string) => createHttpTransport({ name, url, signatureKey, now })
  const transports = { partner: transportTo('partner', partnerUrl), billing: transportTo('billing', billingUrl) }
  let origin = config.AUTH_ISSUER
  const auth = createAuthServer({
    connection: storage.connection,
    ask: (subgraph, query, variables, caller) => {
      const transport = subgraph === 'billing' ? transports.billing : transports.partner
      const signal = AbortSignal.timeout(deadlineMs)
      return transport.execute({ query, variables: { ...variables }, caller, requestId: v7(), signal })
    },
    secretFor: (purpose) => deriveSecret(secret, purpose),
    issuer: () => origin ?? '',
    graph: { shown: () => config.GRAPH_URL ?? '', called: () => config.GRAPH_URL ?? '' },
    log,
    now,
    demo: config.DEMO ?? false,
  })
  const mails = startMailDelivery({
    connection: storage.connection,
    mailer: createMailer({ smtpUrl: config.SMTP_URL, from: config.MAIL_FROM, dataDir: config.DATA_DIR }),
    ticketKey: deriveSecret(secret, 'password-ticket'),
    origin: () => origin ?? '',
    log,
    now,
  })
  const server = createServer({ requestTimeout: 30_000, maxHeaderSize: 16 * 1024 }, (request, response) => {
    if (request.url === '/health') {
      const status = storage.isReachable() ? 200 : 503
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ status }))
      return
    }
    void auth.handle(request, response)
  })
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await mails.close()
    await Promise.all([transports.partner.close(), transports.billing.close()])
    await storage.close()
  }
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(config.PORT, config.HOST, resolve)
    })
  } catch (error) {
    await close()
    throw error
  }
  const { port } = server.address() as AddressInfo
  const url = `http://localhost:${port}`
  origin ??= url
  return { url, close }
}
