import { Component, type ReactNode } from 'react'
import { Notice } from '../page/notice.tsx'

/** Holds the explorer's place, and says so when its code could not be loaded or broke. */
export class ExplorerFrame extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError() {
    return { broken: true }
  }

  override render() {
    if (!this.state.broken) return <div className="explorer-frame">{this.props.children}</div>
    return (
      <div className="explorer-placeholder">
        <Notice
          tone="error"
          title="The explorer could not be opened"
          action={{ label: 'Reload the page', run: () => location.reload() }}
        >
          <p>Its code did not load or has failed. The graph itself may still answer.</p>
        </Notice>
      </div>
    )
  }
}

export interface ExplorerPlaceholderProps {
  /** Small while there is nothing to explore with; in full size, so that nothing moves, while the code loads. */
  closed?: boolean
  children: ReactNode
}

/** The explorer's place while there is none. */
export function ExplorerPlaceholder({ closed = false, children }: ExplorerPlaceholderProps) {
  return <div className={`explorer-placeholder quiet${closed ? ' is-closed' : ''}`}>{children}</div>
}
