import type { ReactNode } from 'react'

export interface NoticeProps {
  tone: 'error' | 'warning'
  title: string
  action?: { label: string; run: () => void }
  children: ReactNode
}

/** Something that the visitor must know, and what can be done about it. The place it appears in announces it. */
export function Notice({ tone, title, action, children }: NoticeProps) {
  return (
    <div className="notice" data-tone={tone}>
      <strong>{title}</strong>
      {children}
      {action && (
        <button type="button" className="button" onClick={action.run}>
          {action.label}
        </button>
      )}
    </div>
  )
}
