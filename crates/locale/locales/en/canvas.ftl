canvas-ad-hoc = Ad hoc sub-process
canvas-all = Add an element
canvas-annotation = Annotation
canvas-append = Add after this
canvas-append-kind = Add after this: { $kind }
canvas-called = Task that it calls
canvas-change = Change type
canvas-closed = { $name } (collapsed)
canvas-connect = Connect
canvas-conversation = Conversation
canvas-copy = Copy
canvas-data = Data
canvas-data-store = Data store
canvas-empty = The diagram is empty. Press N or drag an element from the left.
canvas-event = { $name }: { $mark }
canvas-event-beside = { $name }: { $mark }, not interrupting
canvas-event-sub-process = Event sub-process
canvas-group = Group
canvas-group-boundaries = Boundary events
canvas-group-containers = Sub-processes
canvas-group-data = Data and notes
canvas-group-ends = Ends
canvas-group-frames = Pools and lanes
canvas-group-gateways = Gateways
canvas-group-middles = Intermediate events
canvas-group-starts = Starts
canvas-group-tasks = Activities
canvas-interrupts = Interrupts
canvas-interrupts-hint = If not, what is going on continues meanwhile.
canvas-key-delete = Del
canvas-keys = Arrows go through the elements and Shift with arrows moves them. N adds, A adds after this one, C connects, F2 renames, T changes the type, Delete removes, P goes to the next problem and M mends it, space marks several, Enter opens the properties.
canvas-layout = Tidy the diagram
canvas-link-name = Name of the link
canvas-mark-cancel = cancellation
canvas-mark-compensation = compensation
canvas-mark-condition = condition
canvas-mark-error = error
canvas-mark-escalation = escalation
canvas-mark-link = link
canvas-mark-message = message
canvas-mark-multiple = several
canvas-mark-signal = signal
canvas-mark-terminate = terminate all
canvas-mark-timer = timer
canvas-named = { $kind }: { $name }
canvas-next-problem = Next problem
canvas-none-found = There is no element of that name.
canvas-other = Element
canvas-pad = What to do with the element
canvas-palette = Elements to add
canvas-pool = Pool
canvas-reference-hint = Choose one or write a new name. Events with the same name understand each other.
canvas-refuse-boundary = A boundary event goes on an activity or a sub-process.
canvas-refuse-closed = That pool does not show its process: it only sends and receives messages.
canvas-refuse-lane = A lane goes inside a pool. Add the pool first.
canvas-refuse-outside = Drop it inside a pool.
canvas-refuse-paste = What is on the clipboard is not a BPMN diagram.
canvas-remove = Remove
canvas-rename = Rename
canvas-said-added = Added: { $kind }.
canvas-said-aim = Choose the target with the arrows; Enter connects, Escape leaves it.
canvas-said-aimed = Connect with { $name }. Enter confirms.
canvas-said-appended = Added: { $kind }, after { $name }.
canvas-said-changed = Now it is: { $kind }.
canvas-said-connected = Connected: { $from } with { $to }.
canvas-said-copied = { $count ->
    [one] One element copied.
   *[other] { $count } elements copied.
}
canvas-said-cut = { $count ->
    [one] One flow that would have crossed the border was removed.
   *[other] { $count } flows that would have crossed the border were removed.
}
canvas-said-nothing-to-paste = Nothing has been copied.
canvas-said-pasted = { $count ->
    [one] One element pasted.
   *[other] { $count } elements pasted.
}
canvas-said-removed = { $count ->
    [one] One element removed.
   *[other] { $count } elements removed.
}
canvas-said-selected = { $count ->
    [one] One element selected.
   *[other] { $count } elements selected.
}
canvas-several = { $count } elements selected
canvas-several-hint = Move them together, copy or remove them. A click on the ground lets go.
canvas-straighten = Route anew
canvas-timer = When
canvas-timer-cycle = Every so often
canvas-timer-cycle-hint = R3/PT10M: three times, every ten minutes.
canvas-timer-date = On a date
canvas-timer-date-hint = 2026-12-24T18:00:00Z, or an expression that gives a date.
canvas-timer-duration = After some time
canvas-timer-duration-hint = PT4H: four hours. P2D: two days.
canvas-timer-text = Time
canvas-told-flow = Flow { $name } from { $from } to { $to }
canvas-told-leads = { $what }. Leads to { $to }
canvas-told-wrong = { $what }. Has a problem
canvas-transaction = Compensating transaction
undo-add = add an element
undo-bend = change the course of a flow
undo-called = choose the task called
undo-change = change the type
undo-columns = change the columns
undo-condition = change the condition
undo-connect = connect
undo-default = change the default way
undo-due = change the due time
undo-duration = change the duration
undo-escalation = change the escalation
undo-event = change the event
undo-form = change the form
undo-group = change the group
undo-label = move a name
undo-layout = tidy the diagram
undo-mend = mend a problem
undo-move = move
undo-name = rename
undo-new-form = new form
undo-outcomes = change the outcomes
undo-paste = paste
undo-remove = remove
undo-rename = rename
undo-resize = resize
