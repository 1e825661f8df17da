import type { Doc } from '../../storage/embedded/query/bson.ts'

/** What is measured, of every layer alike. */
export const operations = ['read', 'unique read', 'increment', 'insert', 'page', 'transaction'] as const

export type Operation = (typeof operations)[number]

export const operationDocs: Readonly<Record<Operation, string>> = {
  read: 'one document by _id',
  'unique read': 'one document by a unique index',
  increment: '$inc of one field by _id, on disk',
  insert: 'one document with two indexes, on disk',
  page: '1,000 documents in the order of _id',
  transaction: '$inc of two documents in a transaction, on disk',
}

/** Documents before the first measurement. */
export const documents = 10_000
export const pageSize = 1_000

/** Milliseconds of user and system time so far. */
export interface CpuTime {
  readonly serverMs: number
  /** 0 where client and server are one process. */
  readonly clientMs: number
}

/** One way to store, in which each operation can be done by any number of clients at once. */
export interface Layer extends AsyncDisposable {
  readonly name: string
  /** Does one operation as one of the clients, and throws when its answer is wrong. */
  readonly run: (operation: Operation, client: number) => Promise<void>
  readonly cpu: () => Promise<CpuTime>
}

/** A document of some 250 bytes, as an application has them. */
export function documentOf(number: number): Doc {
  return {
    _id: number,
    code: codeOf(number),
    name: `Product ${number} of the catalogue`,
    organization: `organization-${number % 50}`,
    price: { amount: 12_345 + number, currency: 'EUR' },
    tags: ['new', 'listed', `group ${number % 7}`],
    updatedAt: new Date(1_700_000_000_000 + number),
    count: 0,
  }
}

export function codeOf(number: number): string {
  return `SKU-${String(number).padStart(12, '0')}`
}

export function anyDocument(): number {
  return Math.floor(Math.random() * documents)
}

/** Two documents that no other client's transaction writes: waiting for each other is not what is measured. */
export function ownPair(client: number): [number, number] {
  return [client * 2, client * 2 + 1]
}

/** CPU time of this process, for layers that live in it. */
export function ownCpu(): CpuTime {
  const { user, system } = process.cpuUsage()
  return { serverMs: (user + system) / 1_000, clientMs: 0 }
}

export function check(right: boolean, operation: Operation): void {
  if (!right) throw new Error(`a wrong answer to ${operation}`)
}
