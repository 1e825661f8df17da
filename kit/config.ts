import { z } from 'zod'
import { ConfigError } from './config-error.ts'
import { parseNetworks } from './egress/network-rules.ts'
import { parseNetwork } from './network.ts'

// Digits only: a blank would else become 0, which is any port.
const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a number from 0 to 65535')
  .transform(Number)
  .refine((value) => value <= 65_535, 'must be a number from 0 to 65535')
const flag = z.enum(['true', 'false']).transform((value) => value === 'true')
const url = z.url({ protocol: /^https?$/ })
const subgraphUrl = z
  .string()
  .regex(/^(https?|h2c|unix):\/\/\S+$/, 'must begin with http://, https://, h2c:// or unix://')

function readNetworks(text: string, context: z.RefinementCtx): ReturnType<typeof parseNetworks> {
  try {
    return parseNetworks(text)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    context.addIssue({ code: 'custom', message: error.message })
    return z.NEVER
  }
}

/** Every setting: environment name, type and default. `configHelp` prints the same list. */
const settings = {
  PORT: { type: port.default(4000), doc: 'TCP port of the gateway; 0 picks a free one.' },
  HOST: { type: z.string().default('127.0.0.1'), doc: 'Address to listen on; 0.0.0.0 for all interfaces.' },
  DATA_DIR: { type: z.string().default('./data'), doc: 'Folder of the embedded database and the installation secret.' },
  MONGODB_URI: {
    type: z
      .string()
      .regex(/^mongodb(\+srv)?:\/\//, 'must begin with mongodb:// or mongodb+srv://')
      .optional(),
    doc: 'A MongoDB replica set to use instead of the embedded database.',
  },
  REDIS_URL: {
    type: z.url({ protocol: /^rediss?$/ }).optional(),
    doc: 'Redis for the limits that several gateways share; without it they live in memory.',
  },
  HTTP_FRONT: {
    type: z.enum(['tributary', 'apollo']).default('tributary'),
    doc: 'What answers POST and GET /graphql: the hot path of our own, or ApolloServer.',
  },
  HTTP_COMPRESSION: {
    type: flag.default(true),
    doc: 'Compress answers of the graph from 1.4 kB up for clients that take it.',
  },
  RESPONSE_CACHE_MB: {
    type: z
      .string()
      .regex(/^\d{1,4}$/, 'must be a number from 0 to 9999')
      .transform(Number)
      .default(16),
    doc: 'Memory for answers that the schema lets the gateway keep; 0 keeps none.',
  },
  HTTP_MAX_CONNECTIONS: {
    type: z
      .string()
      .regex(/^[1-9]\d{0,6}$/, 'must be a number from 1 to 9999999')
      .transform(Number)
      .default(10_000),
    doc: 'Connections that the gateway holds at once; more are closed as they come.',
  },
  CORS_ORIGINS: {
    type: z
      .string()
      .transform((list) => list.split(',').map((item) => item.trim()))
      .refine(
        (origins) => origins.every((item) => item === '*' || (URL.canParse(item) && new URL(item).origin === item)),
        'must be origins separated by commas, such as https://shop.example, or *',
      )
      .optional(),
    doc: 'Origins whose pages may call the graph from a browser, separated by commas; none by default.',
  },
  TRUSTED_PROXIES: {
    type: z
      .string()
      .transform((list) => list.split(',').map((item) => parseNetwork(item.trim())))
      .refine(
        (networks) => networks.every((network) => network !== null),
        'must be addresses or networks separated by commas, such as 10.0.0.0/8',
      )
      .optional(),
    doc: 'Proxies whose X-Forwarded-For is believed, as addresses or networks separated by commas; none by default.',
  },
  PLANNER: {
    type: z.enum(['auto', 'rust', 'apollo']).default('auto'),
    doc: "The query planner: the Rust one, Apollo's, or (auto) the Rust one where its binary loads.",
  },
  TRIBUTARY_SECRET: {
    type: z.string().min(32, 'must have at least 32 characters').optional(),
    doc: 'The secret from which all others are derived; without it one is made and kept in DATA_DIR.',
  },
  AUDIT_DAYS: {
    type: z
      .string()
      .regex(/^[1-9]\d{0,4}$/, 'must be a number of days from 1')
      .transform(Number)
      .default(400),
    doc: 'Days for which entries of the audit log are kept.',
  },
  DEMO: {
    type: flag.optional(),
    doc: 'Seed demo data into an empty database and show demo keys; by default only with the embedded database.',
  },
  LOG_LEVEL: {
    type: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('warn'),
    doc: 'Least severe level that is logged to standard error.',
  },
  SMTP_URL: {
    type: z.url({ protocol: /^smtps?$/ }).optional(),
    doc: 'Server that mails are sent by, such as smtp://user:password@host:587; without it they are files in DATA_DIR/mail.',
  },
  MAIL_FROM: { type: z.string().min(3).default('Tributary <no-reply@localhost>'), doc: 'Sender of mails.' },
  PARTNER_URL: {
    type: subgraphUrl.optional(),
    doc: 'URL of the partner subgraph; without it the subgraph runs in process.',
  },
  CATALOG_URL: {
    type: subgraphUrl.optional(),
    doc: 'URL of the catalog subgraph; without it the subgraph runs in process.',
  },
  DEALS_URL: {
    type: subgraphUrl.optional(),
    doc: 'URL of the deals subgraph; without it the subgraph runs in process.',
  },
  INVENTORY_URL: { type: subgraphUrl.optional(), doc: 'URL of the inventory subgraph; without it it runs in process.' },
  BILLING_URL: {
    type: subgraphUrl.optional(),
    doc: 'URL of the billing subgraph; without it the subgraph runs in process.',
  },
  BULK_URL: { type: subgraphUrl.optional(), doc: 'URL of the bulk subgraph; without it the subgraph runs in process.' },
  EVENTS_URL: {
    type: subgraphUrl.optional(),
    doc: 'URL of the events subgraph; without it the subgraph runs in process.',
  },
  SCHEMAS_URL: {
    type: subgraphUrl.optional(),
    doc: 'URL of the schemas subgraph; without it the subgraph runs in process.',
  },
  GRAPH_ENVIRONMENT: {
    type: z.enum(['live', 'sandbox']).default('live'),
    doc: 'Which published graph the gateway serves: live or sandbox.',
  },
  SUPERGRAPH: {
    type: z.string().min(1).optional(),
    doc: 'A supergraph to serve instead of a published one: a file, or an http(s) URL; followed as it changes.',
  },
  CONTRACTS: {
    type: z.string().min(1).optional(),
    doc: 'A file that declares contracts and dated versions of the graph; those of the product by default.',
  },
  SUBGRAPH_TIMEOUT_MS: {
    type: z
      .string()
      .regex(/^[1-9]\d{0,4}$/, 'must be a number of milliseconds from 1 to 99999')
      .transform(Number)
      .optional(),
    doc: 'The longest that one call to a subgraph may take; by default as long as its operation, 10 seconds.',
  },
  SHARE_FETCHES: {
    type: flag.default(false),
    doc: 'Whether identical queries of one caller to a subgraph that are under way at once are sent once.',
  },
  METRICS_TOKEN: {
    type: z.string().min(16, 'must have at least 16 characters').optional(),
    doc: "Bearer token that opens GET /metrics and nothing else; operators' apps may always read them.",
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    type: url.optional(),
    doc: 'Base URL of an OpenTelemetry receiver (OTLP over HTTP) that spans are sent to; none by default.',
  },
  OTEL_TRACES_SAMPLER_ARG: {
    type: z
      .string()
      .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'must be a number from 0 to 1')
      .transform(Number)
      .default(0.1),
    doc: 'The share of operations whose spans are recorded, from 0 to 1.',
  },
  AUTH_URL: {
    type: url.optional(),
    doc: 'URL at which gateways reach an authorization server that runs by itself; without it it runs in process.',
  },
  AUTH_ISSUER: {
    type: url
      .refine(
        (value) => URL.canParse(value) && new URL(value).pathname === '/',
        'must be an origin, such as https://graph.example',
      )
      .transform((value) => new URL(value).origin)
      .optional(),
    doc: 'Public origin of the authorization server, `iss` of its tokens; by default the address it listens on.',
  },
  GRAPH_URL: {
    type: url.transform((value) => new URL(value).origin).optional(),
    doc: 'Origin of the gateways, for account pages and webhooks; needed where AUTH_URL or PARTNER_URL is used.',
  },
  WEBHOOK_ALLOWED_NETWORKS: {
    type: z.string().transform(readNetworks).optional(),
    doc: 'Networks besides the public Internet that webhooks may call, also without https, such as 127.0.0.1/32.',
  },
} as const

type Settings = typeof settings
export type Config = { readonly [Name in keyof Settings]: z.output<Settings[Name]['type']> }

/** Names of all settings, in the order of `configHelp`. */
export const settingNames: readonly string[] = Object.keys(settings)

/**
 * Reads and checks the environment. The only place of the product that does. `defaults` stand in for settings that
 * are not given, for processes whose own default differs.
 */
export function readConfig(
  environment: NodeJS.ProcessEnv = process.env,
  defaults: Partial<Record<keyof Settings, string>> = {},
): Config {
  const shape = Object.fromEntries(Object.entries(settings).map(([name, { type }]) => [name, type]))
  // An empty variable means unset: compose files and shells produce them.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = z.object(shape).safeParse({ ...defaults, ...given })
  if (!parsed.success) {
    const reasons = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new ConfigError(`The configuration cannot be used.\n  ${reasons.join('\n  ')}`)
  }
  return parsed.data as unknown as Config
}

/** The table of settings for `--help`. */
export function configHelp(): string {
  const width = Math.max(...Object.keys(settings).map((name) => name.length))
  return Object.entries(settings)
    .map(([name, { doc }]) => `  ${name.padEnd(width)}  ${doc}`)
    .join('\n')
}

/** @apollo/gateway reports its use to its maker unless the environment says no when one is created. */
export function disableApolloTelemetry(): void {
  process.env['APOLLO_TELEMETRY_DISABLED'] = 'true'
}
