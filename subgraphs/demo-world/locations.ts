import { seededId } from '../../kit/ids.ts'

export interface DemoLocation {
  readonly id: string
  readonly code: string
  readonly name: string
  readonly country: string
  readonly city: string
  readonly timeZone: string
}

type Row = readonly [code: string, name: string, country: string, city: string, timeZone: string]

const rows: readonly Row[] = [
  ['AMS1', 'Schiphol Central Warehouse', 'NL', 'Amsterdam', 'Europe/Amsterdam'],
  ['FRA1', 'Frankfurt Rhein-Main', 'DE', 'Frankfurt am Main', 'Europe/Berlin'],
  ['LEJ1', 'Leipzig Air Hub', 'DE', 'Leipzig', 'Europe/Berlin'],
  ['VIE1', 'Wien Freudenau', 'AT', 'Wien', 'Europe/Vienna'],
  ['LYS1', 'Lyon Saint-Exupéry', 'FR', 'Lyon', 'Europe/Paris'],
  ['MAN1', 'Manchester Trafford Park', 'GB', 'Manchester', 'Europe/London'],
  ['DUB1', 'Dublin Ballycoolin', 'IE', 'Dublin', 'Europe/Dublin'],
  ['CPH1', 'København Kastrup', 'DK', 'København', 'Europe/Copenhagen'],
  ['MAD1', 'Madrid Coslada', 'ES', 'Madrid', 'Europe/Madrid'],
  ['MXP1', 'Milano Malpensa', 'IT', 'Milano', 'Europe/Rome'],
  ['WAW1', 'Warszawa Okęcie', 'PL', 'Warszawa', 'Europe/Warsaw'],
  ['PRG1', 'Praha Rudná', 'CZ', 'Praha', 'Europe/Prague'],
]

/** The distributor's warehouses. */
export const demoLocations: readonly DemoLocation[] = rows.map(([code, name, country, city, timeZone]) => ({
  id: seededId('Location', code),
  code,
  name,
  country,
  city,
  timeZone,
}))
