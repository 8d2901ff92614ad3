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

palette-label = Search or run
palette-placeholder = Customer, screen or action…
palette-move = move
palette-run = open
