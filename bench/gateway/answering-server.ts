import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type GraphSize, madeUpSchema } from './made-up-graph.ts'
import { rememberedAnswers } from './remembering.ts'

/** The subgraphs of a made-up graph in a process of their own, subgraph n at `/n`. */
const size = JSON.parse(process.argv[2] ?? '') as GraphSize
const subgraphs = Array.from({ length: size.subgraphs }, (_, index) =>
  rememberedAnswers(() => madeUpSchema(index, size)),
)

const server = createServer((request, response) => {
  const answer = subgraphs[Number(request.url?.slice(1))]
  if (answer === undefined) {
    response.writeHead(404).end()
    return
  }
  void (async () => {
    const body = Buffer.from(await answer(await text(request)))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
  })()
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.(`http://127.0.0.1:${port}`)
})
process.on('disconnect', () => process.exit())
