import type { Bench } from './bench.ts'
import { importBench } from './import/import-bench.ts'
import { callersBench } from './callers/callers-bench.ts'
import { httpFrontBench } from './http-front/http-front-bench.ts'
import { gatewayBench } from './gateway/gateway-bench.ts'
import { inventoryBench } from './inventory/inventory-bench.ts'
import { portalBench } from './portal/portal-bench.ts'
import { startupBench } from './startup/startup-bench.ts'
import { streamsBench } from './streams/streams-bench.ts'
import { storageBench } from './storage/storage-bench.ts'
import { swapBench } from './swap/swap-bench.ts'

/** All benches, in the order of `--help`. */
export const benches: readonly Bench[] = [
  startupBench,
  portalBench,
  storageBench,
  inventoryBench,
  importBench,
  callersBench,
  gatewayBench,
  httpFrontBench,
  streamsBench,
  swapBench,
]
