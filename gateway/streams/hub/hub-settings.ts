/** Bounds of the hub. */
export interface HubSettings {
  /** What may wait for one reader, in events and in characters of their text. */
  readonly readerEvents: number
  readonly readerCharacters: number
  /** What each upstream keeps for readers that join with a cursor. */
  readonly ringEvents: number
  readonly ringCharacters: number
  /** How long an upstream goes on without readers: who reconnects finds it. */
  readonly lingerMs: number
  /** How long a broken upstream is opened again and again before its readers are told. */
  readonly bridgeMs: number
  /** How long a replay waits for readers that take nothing. */
  readonly patienceMs: number
}

export const defaultHubSettings: HubSettings = {
  readerEvents: 1_000,
  readerCharacters: 1_000_000,
  ringEvents: 1_000,
  ringCharacters: 4_000_000,
  lingerMs: 5_000,
  bridgeMs: 60_000,
  patienceMs: 30_000,
}
