/** What the page does not do: call other hosts, or keep keys. */
export function PageFooter() {
  return (
    <footer className="page-footer">
      <p>This page loads nothing from other hosts. A key typed here is kept until the browser tab closes.</p>
    </footer>
  )
}
