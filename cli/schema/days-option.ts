import { InvalidArgumentError, Option } from 'commander'

const mostDays = 90

/** `--days`: by how much usage something is judged. */
export function daysOption(): Option {
  return new Option('--days <number>', `usage of so many days is looked at, 1 to ${mostDays}`)
    .argParser((text) => {
      const days = Number(text)
      if (Number.isInteger(days) && days >= 1 && days <= mostDays) return days
      throw new InvalidArgumentError(`It must be a whole number between 1 and ${mostDays}.`)
    })
    .default(30)
}
