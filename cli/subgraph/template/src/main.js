import { createSignatureCheck } from './gateway-signature.js'
import { createOutbox } from './outbox.js'
import { startServer } from './server.js'

const { TRIBUTARY_EVENTS_URL: url = 'http://localhost:4000/events' } = process.env
const { TRIBUTARY_SUBGRAPH_KEY: key = '', HOST: host = '127.0.0.1', PORT: port = '4100' } = process.env

if (key === '') {
  process.stderr.write(
    'Set TRIBUTARY_SUBGRAPH_KEY to the key of this subgraph: `tributary subgraph key loyalty` prints it.\n' +
      'Or run `tributary subgraph dev`, which does that, publishes it, and again after each change.\n' +
      'Until then nobody is believed, and every request is answered with 401.\n',
  )
}
const check = key === '' ? () => null : createSignatureCheck(Buffer.from(key, 'base64url'))
const outbox = createOutbox({ url, key: Buffer.from(key, 'base64url') })
const server = await startServer({ port: Number(port), host, check, outbox })
process.stdout.write(`The subgraph loyalty is ready at ${server.url}\n`)
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void server.close().then(() => process.exit(0)))
