## The component kit's own words.
kit-close = Close
kit-clear = Clear
kit-show-password = Show password
kit-nothing-found = Nothing found
kit-previous-month = Previous month
kit-next-month = Next month
kit-open-calendar = Open calendar
kit-date-form = for example { $example }
kit-loading = Loading…
kit-try-again = Try again
kit-copy-details = Copy details
kit-copied = Copied
kit-messages = Messages
kit-choose-file = Choose file
kit-no-permission = You have no permission to see this
kit-locked = No permission to see this value
kit-percent = { $number }%
kit-cancel = Cancel
kit-more = Show more
kit-save = Save
kit-today = Today
kit-yesterday = Yesterday
kit-yesterday-at = yesterday { $time }
kit-now = now
kit-in = in { $span }
kit-ago = { $span } ago
kit-seconds = { $count } s
kit-minutes = { $count } min
kit-hours = { $count } h
kit-days = { $count } d

grid-columns = Columns
grid-failed = The list could not be loaded
grid-total = { $count ->
    [one] { $shown } row
   *[other] { $shown } rows
}
grid-filter = Filter
grid-filters = Filters
grid-filters-clear = Clear filters
grid-filter-remove = Remove the filter { $name }
grid-filter-done = Done
grid-how = Condition
grid-how-contains = contains
grid-how-begins = begins with
grid-how-is = is
grid-how-is-not = is not
grid-how-between = between
grid-how-among = is one of
grid-how-empty = has no value
grid-how-present = has a value
grid-range-from = From
grid-range-to = To
grid-from = from { $value }
grid-to = up to { $value }
grid-exactly = Exactly as written, with accents and capitals.
grid-not-a-number = This is not a number. Write it like { $example }.
grid-not-a-day = This is not a date. Write it like { $example }.
grid-none-so = Nothing meets these filters
grid-none-so-text = Remove one or change its values.
grid-cut = There are more than are shown: type a little more, or filter the list.

palette-label = Search or run
palette-placeholder = Customer, screen or action…
palette-move = move
palette-run = open
