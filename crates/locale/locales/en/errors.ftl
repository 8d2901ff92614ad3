error-malformed = The request could not be read.
error-invalid = Some values need correcting.
error-unauthenticated = Sign in to go on.
error-session-expired = Your session has ended. Sign in again; what you typed is still here.
error-wrong-credentials = The user or the password is not right.
error-second-factor-required = The code of the second step is missing.
error-first-password-over = This temporary password was good for { $days } days. Ask an administrator for a new one.
error-unfinished = First complete what your account asks for: a password of your own or the second step.
error-directory-unavailable = The company's directory does not answer right now. Try again in a minute.
error-throttled = Too many tries. Try again in { $seconds ->
    [one] 1 second
   *[other] { $seconds } seconds
}.
error-forbidden = You are not permitted to do this. Ask whoever administers security.
error-needs-approval = { $value } is above your limit of { $limit }. Ask for approval.
error-not-found = Not found: { $what }. It may be gone, or you may have no access to it.
error-stale = Somebody changed it while you were looking. Open it again and repeat your change.
error-already-closed = { $who } has already closed this work item.
error-already-claimed = { $who } has already taken this work item.
error-duplicate = There is already one with that value.
error-wrong-state = Its present state ({ $state }) does not allow it.
error-not-awaited = Nobody awaits the message “{ $name }”. Say how long it is to be kept if somebody may await it later.
error-already-done = This has already been done; refresh the screen to see the result.
error-idempotency-mismatch = The same idempotency key came with another request. Try again with a new key.
error-too-large = It is too large: the limit is { $limit }.
error-unsupported-media = This kind of content cannot be read here.
error-bad-definition = The definition has problems; they are in the list.
error-no-route = There is no such address.
error-method-not-allowed = That address does not take this method.
error-unavailable = The database does not answer just now. Nothing was lost; try again.
error-storage-full = The disk is full. Nothing was saved; make room and repeat.
error-timeout = It took too long and was stopped. Try again.
error-internal = Something failed on our side. It was recorded under number { $request }.

noun-customer = the customer
noun-contact = the contact
noun-work-item = the work item
noun-instance = the running task
noun-definition = the definition
noun-import = the import
noun-user = the user
noun-group = the group
noun-unit = the unit
noun-role = the role
noun-session = the session
noun-version = the version
noun-form = the form
noun-process = the task
noun-customer-type = the customer type
noun-calendar = the calendar
noun-decision = the decision
noun-position = the position
noun-audit = the audit
noun-record = the record
noun-approval = the approval
noun-lens = the security lens

