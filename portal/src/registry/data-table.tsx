import { type ReactNode, useState } from 'react'

export interface Column<Row> {
  heading: string
  cell: (row: Row) => ReactNode
}

export interface DataTableProps<Row> {
  caption: ReactNode
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  keyOf: (row: Row, index: number) => string
  /** More rows are shown on demand. */
  pageSize?: number
}

/** A table that becomes a list of cards where it is narrow; the roles keep it a table for those who hear it. */
export function DataTable<Row>({ caption, columns, rows, keyOf, pageSize = 25 }: DataTableProps<Row>) {
  const [shown, setShown] = useState(pageSize)
  const left = rows.length - shown
  return (
    <>
      <table className="data-table" role="table">
        <caption>{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ heading }) => (
              <th key={heading} role="columnheader" scope="col">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.slice(0, shown).map((row, index) => (
            <tr key={keyOf(row, index)} role="row">
              {columns.map(({ heading, cell }) => (
                <td key={heading} role="cell" data-heading={heading}>
                  <div>{cell(row)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 && (
        <button type="button" className="button" onClick={() => setShown(shown + pageSize)}>
          Show {Math.min(left, pageSize)} more of {rows.length}
        </button>
      )}
    </>
  )
}
