place-operations = Operations
operations-parts = Parts of operations
operations-incidents = Incidents
operations-letters = Dead letters
operations-moves = Moves to another version
operations-refresh = Look again
operations-no-permission = What is stuck and what moves to another version is for those who may see incidents or change running tasks.
operations-open = Open task
operations-nobody = No customer
operations-unnamed = Customer

operations-incidents-failed = The incidents could not be loaded
operations-nothing-stuck = Nothing is stuck
operations-nothing-stuck-text = Every task goes on. What cannot go on by itself appears here, by its cause.
operations-stuck = { $count ->
    [one] { $count } step is stuck
   *[other] { $count } steps are stuck
  }, for { $causes ->
    [one] { $causes } cause
   *[other] { $causes } causes
  }
operations-place = { $process } · version { $version } · { $element }
operations-first = First { $when }
operations-last = Last { $when }
operations-whose = Task of
operations-when = When
operations-said = What was said
operations-why = Why
operations-by = By
operations-reason = Reason
operations-state = State
operations-done = Done
operations-refused = Refused
operations-stays = Stays
operations-verdict = Verdict
operations-retry = Try again
operations-retry-all = { $count ->
    [one] Try { $count } again
   *[other] Try all { $count } again
  }
operations-retry-title = { $count ->
    [one] Try { $count } step again
   *[other] Try { $count } steps again
  }
operations-retry-sure = { $count ->
    [one] { $count } step that stopped begins again: “{ $cause }”.
   *[other] { $count } steps that stopped begin again: “{ $cause }”.
  } What fails once more comes back to this list.
operations-reason-hint = Kept with the order and shown to whoever looks later.
operations-values = Values to set first
operations-values-hint = Set in each task before it goes on. Figures, true and false are taken as such; put text that looks like a figure in quotation marks.
operations-value-name = Name
operations-value = Value
operations-value-add = Add a value
operations-pair-remove = Take out { $name }

operations-order = The order
operations-order-retry = Trying again
operations-order-move = Move to another version
operations-order-cancel = Call off
operations-order-failed = The order could not be loaded
operations-order-show = Show result
operations-orders = Latest orders
operations-orders-none = No orders yet.
operations-not-done = What was not done, and why
operations-retried = { $done ->
    [one] { $done } tried again
   *[other] { $done } tried again
  }, { $refused ->
    [one] { $refused } refused
   *[other] { $refused } refused
  }
operations-moved = { $done ->
    [one] { $done } moved
   *[other] { $done } moved
  }, { $refused ->
    [one] { $refused } refused
   *[other] { $refused } refused
  }
operations-cancelled = Called off: { $done ->
    [one] { $done } done
   *[other] { $done } done
  }, { $refused ->
    [one] { $refused } refused
   *[other] { $refused } refused
  } until then. The rest stays as it is.

operations-letters-failed = The dead letters could not be loaded
operations-letters-none = No dead letters
operations-letters-none-text = Whatever the service does by itself was done, or is still being tried.
operations-letters-text = Jobs that failed for good, and those of which nobody knows whether their effect happened.
operations-letter-kind = Job
operations-letter-cause = Cause
operations-letter-no-cause = No cause was told
operations-letter-attempts = Attempts
operations-letter-asked = Asked
operations-letter-ended = Given up
operations-letter-failed = Failed
operations-letter-in-doubt = In doubt
operations-letter-choose = Choose { $kind }, { $when }
operations-letter-choose-all = Choose all in sight
operations-requeue = Begin anew
operations-requeue-chosen = { $count ->
    [one] Begin { $count } anew
   *[other] Begin { $count } anew
  }
operations-requeue-title = { $count ->
    [one] Begin { $count } job anew
   *[other] Begin { $count } jobs anew
  }
operations-requeue-sure = { $count ->
    [one] It begins with all its attempts.
   *[other] They begin with all their attempts.
  }
operations-requeue-doubt = { $count ->
    [one] Of { $count } nobody knows whether its effect happened: it may happen twice. Look in the other system first.
   *[other] Of { $count } nobody knows whether their effect happened: it may happen twice. Look in the other system first.
  }
operations-requeued = { $count ->
    [one] { $count } job begins anew
   *[other] { $count } jobs begin anew
  }
operations-requeued-some = { $count ->
    [one] { $count } job begins anew
   *[other] { $count } jobs begin anew
  }; { $gone ->
    [one] { $gone } is not awaited any more and left the list
   *[other] { $gone } are not awaited any more and left the list
  }
dead-letter-runner-perform = Transaction, decision or script of a task
dead-letter-runner-call = Begin a called task
dead-letter-runner-called = Go on after a called task
dead-letter-runner-abandon = End a called task
dead-letter-runner-message = Deliver a message
dead-letter-runner-signal = Deliver a signal
dead-letter-runner-tell = Tell who awaits it
dead-letter-runner-begin = Begin a task
dead-letter-runner-offer = Offer a kept message
dead-letter-runner-bulk = Order for many
dead-letter-chore-checkpoint = Checkpoint of the audit trail
dead-letter-chore-purge = Forget what nobody needs any more

operations-moves-text = Running tasks stay on the version they began with. Here they move to another, each only if it can go on there.
operations-moves-process = Process
operations-moves-process-find = Name of the process
operations-moves-process-failed = The processes could not be loaded
operations-moves-from = From version
operations-moves-any = Any version
operations-moves-to = To version
operations-moves-version = { $version } · { $when }
operations-moves-none-to = There is no other version to move to.
operations-moves-renamed = Steps with another id
operations-moves-renamed-hint = Where a step has another id in the new version: the old one and the new one.
operations-moves-old = Old id
operations-moves-new = New id
operations-moves-renamed-add = Add a step
operations-moves-look = Preview
operations-moves-failed = The preview could not be made
operations-moves-nobody = No task runs there
operations-moves-nobody-text = Nothing of this process runs on the version chosen.
operations-moves-sum = Of { $count ->
    [one] { $count } task
   *[other] { $count } tasks
  }: { $moves ->
    [one] { $moves } moves
   *[other] { $moves } move
  }, { $stays ->
    [one] { $stays } stays
   *[other] { $stays } stay
  }, { $impossible ->
    [one] { $impossible } cannot
   *[other] { $impossible } cannot
  }
operations-moves-sum-part = The first ones only; there are more.
operations-verdict-moves = Moves
operations-verdict-stays = Stays
operations-verdict-impossible = Impossible
operations-moves-on = On version
operations-moves-began = Began
operations-moves-change = { $lost ->
    [0] {""}
    [one] { $lost } timer or wait ends.
   *[other] { $lost } timers and waits end.
  } { $new ->
    [0] {""}
    [one] { $new } new one begins.
   *[other] { $new } new ones begin.
  }
operations-moves-same = It is on that version already.
operations-moves-plain = As it stands.
operations-moves-order = Move the running tasks
operations-moves-title = Move { $process } to version { $version }
operations-moves-sure = Every running task of the version chosen moves if it can go on there; what cannot stays where it is and says why. A move can be undone in the task’s page while nothing else has happened to it.

instance-levels = Service level
instance-levels-failed = The service level could not be loaded
instance-level-whole = The whole task
instance-level-activity = Step { $number }
instance-level-running = Running
instance-level-paused = Paused
instance-level-met = Met
instance-level-breached = Exceeded
instance-level-left = { $span } left
instance-level-over = { $span } over
instance-level-spent = { $spent } of { $budget } used
instance-level-spent-only = { $spent } used, no limit
instance-level-due = Used up { $when }
instance-level-paused-since = Paused since { $when }
instance-level-paused-why = Paused since { $when }: { $why }
instance-level-calendar = Counts in business hours
instance-level-calendar-of = Counts in the hours of “{ $calendar }”
instance-level-ledger = How it ran
instance-level-begun = Begun
instance-level-was-paused = Paused
instance-level-resumed = Went on
instance-level-was-breached = Exceeded
instance-level-was-met = Met
instance-moves = Moves to another version
instance-moves-failed = The moves could not be loaded
instance-move = From version { $from } to { $to }
instance-move-newer = Version { $newest } is published.
instance-move-undo = Undo
instance-move-undone = Undone { $when }
instance-move-taken-back = The move was undone

operations-accept = It was done
operations-accept-send = Take it as done
operations-accept-text = What the other system was asked for was done all the same, or somebody did it by hand. The task goes on as if it had answered; it is not asked again.
operations-accept-hint = The trail keeps it: how it is known that it was done.
operations-accept-values = What it answered
operations-accept-values-hint = The values that the other system would have given, under the names that the process expects from it.
operations-accepted = Taken as done: the task goes on
