export interface PagerProps {
  /** What is paged, for who hears the page. */
  name: string
  /** Null where there is no such page. */
  newer: (() => void) | null
  older: (() => void) | null
}

/** The ways to the pages before and after; nothing where there is one page only. */
export function Pager({ name, newer, older }: PagerProps) {
  if (newer === null && older === null) return null
  return (
    <nav className="pager" aria-label={`Pages of ${name.toLowerCase()}`}>
      <button type="button" className="button" disabled={newer === null} onClick={() => newer?.()}>
        Newer
      </button>
      <button type="button" className="button" disabled={older === null} onClick={() => older?.()}>
        Older
      </button>
    </nav>
  )
}
