import type { MouseEvent, ReactNode } from 'react'
import { useRegistry } from './registry-context.ts'
import { hrefOf, type Place } from './use-place.ts'

export interface PlaceLinkProps {
  /** What differs from the environment's overview. */
  to: Omit<Place, 'environment'> & { environment?: Place['environment'] }
  /** Of the link to where one is. */
  current?: boolean
  children: ReactNode
}

/** A link within the page: a real address, which opens in place when it is simply clicked. */
export function PlaceLink({ to, current = false, children }: PlaceLinkProps) {
  const { place, go } = useRegistry()
  const target = { environment: place.environment, ...to }
  function onClick(event: MouseEvent): void {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    go(target)
  }
  return (
    <a href={hrefOf(target)} onClick={onClick} aria-current={current ? 'page' : undefined}>
      {children}
    </a>
  )
}
