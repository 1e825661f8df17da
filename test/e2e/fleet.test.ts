import { afterAll, beforeAll } from 'vitest'
import { describeSoak } from '../streams/soak-suite.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { describeRaces } from './races.ts'
import { cutOff, describeRevocation } from './revocation.ts'
import { withoutStreams } from './without-streams.ts'

// One fleet for all of them: to start its processes takes longer than what is asked of them.
let fleet: Fleet
const proxies: AsyncDisposable[] = []

beforeAll(async () => {
  fleet = await startFleet(['inventory', 'deals'], {
    withAuth: true,
    async between(url, { gateway, subgraph }) {
      if (gateway !== cutOff || !['partner', 'billing'].includes(subgraph)) return url
      const proxy = await withoutStreams(url)
      proxies.push(proxy)
      return proxy.url
    },
  })
}, 180_000)
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]()
  for (const proxy of proxies) await proxy[Symbol.asyncDispose]()
})

const given = (): Fleet => fleet

// First, while nobody holds what it lifts of limits; last what takes away from people and partners of the demo.
describeSoak(given)
describeRaces(given)
describeRevocation(given)
