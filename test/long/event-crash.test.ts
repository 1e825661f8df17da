import { expect, test } from 'vitest'
import { eventCrashRounds } from '../events/crash/crash-rounds.ts'

const rounds = Number(process.env['CRASH_ROUNDS'] ?? 200)

/** The day, so that every day tries other moments, and a failure can be looked for again. */
const seed = Number(process.env['CRASH_SEED'] ?? Math.floor(Date.now() / 86_400_000))

test(
  `${rounds} times kill -9 between commit and publication: every commit yields its event, no event without its commit`,
  async () => {
    process.stdout.write(`event crash rounds: CRASH_SEED=${seed} CRASH_ROUNDS=${rounds}\n`)
    const { faults, acknowledged, unpublished } = await eventCrashRounds({
      rounds,
      seed,
      onRound: (round) => {
        if (round % 25 === 0) process.stdout.write(`event crash rounds: ${round} of ${rounds} went well\n`)
      },
    })
    process.stdout.write(
      `event crash rounds: ${acknowledged} commits told; ${unpublished} events waited for their position at the kills\n`,
    )
    expect(faults).toEqual([])
    expect(unpublished).toBeGreaterThan(rounds / 2)
  },
  rounds * 15_000,
)
