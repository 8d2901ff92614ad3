## The agent's screens: sign-in, frame, inbox, customers, attending.

somebody = somebody else
value-yes = Yes
value-no = No
value-choose = Choose…

transport-offline = The service does not answer. What you typed is still here; try again once the connection is back.
transport-failed = The service could not do it. Try again; if it happens again, copy the details and tell support.
transport-unreadable = The service's answer makes no sense here: it may have been updated. Reopen the application.

nowhere-title = This address leads nowhere
nowhere-text = The link may be old, or a letter is missing.
nowhere-home = Go to the inbox

sign-in-login = User
sign-in-password = Password
sign-in-button = Sign in
sign-in-version = Version { $version }
sign-in-unreachable = The service cannot be reached
sign-in-demo = Users of the demo
sign-in-demo-badge = Demo
sign-in-demo-text = Everything here is made up. Choose who to sign in as.
sign-in-demo-password = Everybody's password is
sign-in-again = Your session has ended
sign-in-again-text = Type your password to go on where you were. Nothing you typed is lost.
sign-in-other-user = Sign in as another user

set-up-title = First start
set-up-text = Choose the password of the user “admin”, who administers the product.
set-up-password = Administrator's password
set-up-repeat = Repeat the password
set-up-hint = At least { $count } characters; a phrase will do
set-up-short = Too short: type at least { $count } characters
set-up-differs = They differ: type it again
set-up-button = Save and sign in

frame-skip = Skip to content
frame-places = Places
frame-unreachable = The service cannot be reached
part-missing = This part could not be fetched
part-missing-text = There may be no connection, or the service has been updated. Load the page again: what you wrote on other screens is saved.
frame-offline = No connection to the service. What is on screen can be read; what you type is kept on this device.
top-search = Search for a customer or an action
place-inbox = Inbox
place-customers = Customers
tabs-label = What is open
tabs-open = Open something else
tabs-close = Close tab
tabs-next = Next tab
tabs-previous = Previous tab
bell-none = Nothing new
bell-some = { $count ->
    [one] { $count } item arrived
   *[other] { $count } items arrived
}
status-connected = Connected
status-connecting = Connecting
status-offline = Offline
status-fleeting = Session ends when you close
status-fleeting-why = This computer has no open keyring (GNOME Keyring, KWallet): when you close Engage, the session ends and you will have to sign in again.
status-saved = Saved { $when }
status-keys = Keys

menu-label = Preferences and session
menu-language = Language
menu-spanish = Spanish
menu-english = English
menu-region = Dates and numbers
menu-region-ar = Argentina
menu-region-pe = Peru
menu-region-mx = Mexico
menu-region-es = Spain
menu-region-us = United States
menu-theme = Theme
menu-theme-system = As the system
menu-theme-light = Light
menu-theme-dark = Dark
menu-theme-contrast = High contrast
menu-density = Density
menu-density-compact = Compact
menu-density-normal = Normal
menu-density-roomy = Roomy
menu-single-keys = Single-letter keys
menu-sign-out = Sign out
palette-customers = Customers
palette-places = Go to
palette-actions = Actions
palette-theme-light = Use the light theme
palette-theme-dark = Use the dark theme
palette-theme-contrast = Use high contrast
palette-language = See in Spanish

inbox-all = All
inbox-mine = Mine
inbox-groups = Of my groups
inbox-closed = Attended
inbox-view = Which items
inbox-order = Order
inbox-order-due = By due time
inbox-order-opened = By arrival
inbox-order-customer = By customer
inbox-order-process = By task
inbox-open = Attend
inbox-attend = Attend
inbox-up = Previous
inbox-down = Next
inbox-refresh = Refresh
inbox-customer = See customer
inbox-list-toggle = List
inbox-width = Width of the list
inbox-preview = Chosen item
inbox-failed = The inbox could not be loaded
inbox-none = Nothing pending
inbox-none-text = When something arrives for you or your groups it appears here, without reloading.
inbox-empty = Nothing to attend to for now
inbox-empty-text = Find a customer with Ctrl+K to start a task.
inbox-escalated = Escalated (level { $level })
inbox-count = { $count ->
    [one] { $shown } item
   *[other] { $shown } items
}
item-process = Task
item-due = Due
item-since = Arrived
item-group = Group
item-assignee = Taken by
item-sender = Sent by
item-closed = Closed

state-running = Running
state-claimed = Taken
state-completed = Done
state-cancelled = Cancelled
state-withdrawn = Withdrawn
state-interrupted = Interrupted
state-incident = Incident
state-waiting = Waiting

customers-name = Name
customers-changed = Changed
customers-column-created = Created
customers-column-changed = Last changed
customers-column-id = Identifier
customers-file = customers
export = Export
export-csv = CSV
export-xlsx = Excel (XLSX)
export-begun = The export has begun; it is recorded.
export-preparing = The file is being prepared…
export-done = The file is ready; the export has been recorded.
export-broken = The file broke off on its way and was not kept. Try again; if your permission has changed, tell your administrator.
customers-export-searching = Clear the search to export the whole list.
customers-type = Customer type
customers-search = Search customers
customers-search-by = Name, phone, document or e-mail
customers-failed = The customers could not be loaded
customers-none = No customers of this type yet
customers-not-found = No customer matches “{ $text }”
customers-not-found-text = Try part of the name, the document, the phone or the e-mail.
customers-no-types = No customer types yet
customers-no-types-text = A designer defines and publishes them in the Designer.
customer-failed = The customer could not be loaded
customer-none = Customer not found
customer-parts = Parts of the customer
customer-facts = Facts
customer-work = Tasks
customer-contacts = Contacts
customer-history = History
customer-history-toggle = History
customer-history-width = Width of the history
customer-last-contact = Last contact { $when }
customer-no-contact = No contacts yet
customer-open-work = { $count ->
    [one] { $count } task running
   *[other] { $count } tasks running
}
customer-copied = Copied: { $text }
customer-saved = Saved
customer-stale = Somebody else changed it meanwhile. The new values are on screen: check and save again.
customer-locked = No permission
customer-fact-copy = Click: copy
customer-fact-edit = Click: copy · Double click: edit
customer-fact-fixed = You cannot change this value
customer-owner = Owner
customer-unit = Unit
customer-no-unit = None
customer-nobody = Nobody
customer-keeper-edit = Click: change

start-button = Start task
start-title = Start task
start-search = Which task
start-failed = The tasks could not be loaded
start-none = No tasks to start
start-none-text = No published task matches, or you may not start any for this customer.
start-done = “{ $name }” is under way

timeline-failed = The history could not be loaded
timeline-none = No history yet
timeline-none-text = Every contact and task of this customer will stand here, on any channel.
timeline-more = See earlier
timeline-what = What happened
timeline-process = Task
timeline-outcome = Outcome
timeline-who = Who
timeline-when = When
timeline-open-instance = See the task

contacts-failed = The contacts could not be loaded
contacts-none = No contacts
contacts-none-text = Register the people who represent this customer.
contact-add = Add contact
contact-edit = Edit contact
contact-remove = Remove contact
contact-removed = { $name } is no contact any more
contact-saved = { $name } is saved
contact-save = Save contact
contact-name = Name
contact-name-hidden = Name not visible
contact-name-needed = Type the name
contact-role = Role
contact-role-hint = What they are to the customer: attorney, purchasing…
contact-phone = Phone
contact-mobile = Mobile
contact-mail = E-mail
contact-document = Document
contact-note = Notes

instances-failed = The tasks could not be loaded
instances-none = No tasks yet
instances-none-text = Tasks started for this customer will stand here.
instances-process = Task
instances-state = State
instances-ended = Ended
instances-started = Started
instances-by = Started by
instance-failed = The task could not be loaded
instance-started = Started { $when } by { $who }
instance-version = Version { $number }
instance-waiting = Waiting
instance-steps = Steps
instance-no-steps = No steps yet
instance-values = Values of the task

attend-failed = The item could not be opened
attend-gone = Item not found
attend-outcomes = How does it end?
attend-complete = Complete
attend-done = “{ $activity }” is done
attend-due = Due { $when }
attend-wait = Wait for the customer
attend-waits = Waiting for the customer since { $when }
attend-waiting = Waiting: the clock has stopped
attend-goes-on = The clock runs again
attend-go-on = Go on
attend-wait-confirm = Wait
attend-wait-text = Due time and escalation stand still until you go on. The reason is kept with the time.
attend-wait-reason = What the customer is awaited for
attend-wait-why = Write what the customer is awaited for.
inbox-waits = Waiting
attend-present = Customer present
attend-back-office = Back office
attend-customer = Customer
attend-script = Script
attend-aside = Beside the form
attend-aside-toggle = Right pane
attend-aside-width = Width of the right pane
attend-no-form = This activity asks for nothing
attend-no-form-text = Choose below how it ends.
attend-bad-form = The form of this activity is badly defined
attend-bad-form-text = Tell whoever designed it: copy the details.
attend-closed = { $who } has already closed this item. What you typed was not sent; you can copy it.
attend-closed-by-you = You have already closed this item.
attend-withdrawn = This item was withdrawn: the task went another way. What you typed was not sent; you can copy it.
attend-taken = { $who } has it. If you close it, tell them.
attend-copy = Copy what I typed
attend-recovered = What you had typed was recovered ({ $when }).
attend-discard = Discard
attend-not-yours = You can see it but not close it: it is not your groups', or you lack the permission.
attend-stale = It changed while you were typing. Yours is still here: check it and choose again.

password-title = Change password
password-must-title = Choose your password
password-must-text = The password you signed in with was chosen by somebody else. Choose one that only you know before going on.
password-current = Current password
password-new = New password
password-save = Change password
password-changed = Password changed

## Second factor, identity provider, sign-in policy.
sign-in-code = Code of the second step
sign-in-code-hint = The six digits of your app, or a recovery code
sign-in-provider = Sign in with { $label }
sign-in-provider-waiting = Go on in the browser that has opened…
sign-in-or = or
sign-in-returning = Signing in…
sign-in-return-failed = Signing in failed
sign-in-return-again = Try again
sign-in-returned = Done. You may close this page and go back to Engage.
sign-in-not-returned = There is nothing here.
factor-title = Two-step verification
factor-must-title = Turn on two-step verification
factor-must-text = Your role asks for it: besides the password, signing in asks for a code that your phone shows.
factor-off = It is off. With it, whoever learns your password cannot come in.
factor-on = On since { $date }.
factor-left = { $count ->
    [0] You have no recovery codes left.
    [one] You have 1 recovery code left.
   *[other] You have { $count } recovery codes left.
}
factor-begin = Turn on
factor-password-hint = Confirm that it is you
factor-scan = Open an authenticator app on your phone and read this code.
factor-picture = QR code for the authenticator app
factor-type = Cannot read it? Type this key:
factor-code = Six-digit code
factor-confirm = Confirm
factor-codes-title = Keep these recovery codes
factor-codes-text = Each lets you in once if you lose the phone. They are not shown again.
factor-codes-copy = Copy
factor-codes-copied = Codes copied
factor-codes-kept = I have kept them
factor-code-now = Present code
factor-renew = New recovery codes
factor-remove = Turn off
factor-removed = Two-step verification is off
factor-required-note = Your role asks for it: if you turn it off you must turn it on again right away.
policy-title = Sign-in
policy-second-factor = Who must use the second step
policy-second-factor-text = Whoever holds one of these roles and has not turned it on must do so before anything else.
policy-save = Save
policy-saved = Saved
policy-failed = The rules of signing in could not be read
unfinished-leave = Sign out

item-why = Why
why-group = For anybody in the group
why-instead = For anybody in the group: nobody was found to give it to
why-instead-skill = For anybody in the group: nobody has the skill that is asked for
why-instead-round-robin = For anybody in the group: there is nobody whose turn it is
why-instead-least-loaded = For anybody in the group: nobody is available
why-instead-same-user = For anybody in the group: nobody did the step before
why-instead-own-customer = For anybody in the group: nobody looks after the customer
why-instead-deputy = For anybody in the group: nobody looks after the customer
why-instead-expression = For anybody in the group: the process's expression gave nobody
why-round-robin = Their turn, among { $of }
why-least-loaded = { $load ->
    [0] Had nothing to do, among { $of }
   *[other] Had the least to do ({ $load }), among { $of }
}
why-skill = Knows { $skill } (level { $level }), one of { $of } who do
why-same-user = Did the step before
why-own-customer = Looks after the customer
why-deputy = Stands in for { $name }
why-expression = The process decided: { $value }
why-escalation = Escalated from { $from } (level { $level })
why-claimed = Taken by { $name }
why-released = Given back by { $name }
why-assigned = Passed on by { $name }
why-assigned-because = Passed on by { $name }: { $why }

## Other ways out of an activity

attend-exception = Another way out
attend-exception-which = What happens
attend-exception-any-error = This cannot go on
attend-exception-any-escalation = Somebody must be told
attend-exception-ends = The activity ends here and the task takes another way.
attend-exception-stays = The activity stays open; the task opens another way beside it.
attend-exception-note = Reason
attend-exception-why = Write the reason: whoever goes on with the task will see it.
attend-exception-confirm = Take this way
attend-exception-done = “{ $name }”: the task goes on that way
instance-startable = Can be done as well
instance-startable-text = Activities of this case that you can begin when they are needed, also more than once.
instance-begun = Begun: { $name }
