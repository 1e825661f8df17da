/** A sales territory: what partners are contracted for and what deal exclusivity is bounded by. */
export interface DemoTerritory {
  readonly code: string
  readonly countries: readonly string[]
}

export const demoTerritories: readonly DemoTerritory[] = [
  { code: 'DACH', countries: ['DE', 'AT', 'CH'] },
  { code: 'BENELUX', countries: ['NL', 'BE', 'LU'] },
  { code: 'NORDICS', countries: ['SE', 'DK', 'NO', 'FI'] },
  { code: 'UKI', countries: ['GB', 'IE'] },
  { code: 'FRANCE', countries: ['FR'] },
  { code: 'IBERIA', countries: ['ES', 'PT'] },
  { code: 'ITALY', countries: ['IT'] },
  { code: 'CEE', countries: ['PL', 'CZ', 'HU', 'SK'] },
]

/** The territory that a country belongs to. */
export function territoryOf(country: string): string {
  const territory = demoTerritories.find(({ countries }) => countries.includes(country))
  if (!territory) throw new Error(`no territory covers ${country}`)
  return territory.code
}
