import type { InputCheck } from '../input-check.ts'
import type { AppListing } from './app-listing-model.ts'

type Text = 'name' | 'summary' | 'description' | 'category'

const lengths: Readonly<Record<Text, readonly [number, number]>> = {
  name: [1, 100],
  summary: [1, 200],
  description: [1, 10_000],
  category: [1, 60],
}

/** One text of a listing, checked. */
export function listingText(check: InputCheck, field: Text, value: string): AppListing[Text] {
  return check.text(field, value, lengths[field])
}
