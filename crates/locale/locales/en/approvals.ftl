place-approvals = Approvals
approvals-which = Which requests
approvals-decide = To decide
approvals-asked = Asked by me
approvals-decided = Decided by me
approvals-next = Next request
approvals-previous = Previous request
approvals-open = Approvals
approvals-unread = The requests could not be read
approvals-none = No requests
approvals-none-decide = Nothing waits for your decision.
approvals-none-asked = You have asked for nothing that goes beyond your limits.
approvals-none-decided = You have decided nothing yet.
approvals-count = { $count ->
    [one] 1 request waits for you
   *[other] { $count } requests wait for you
}

approval-approve = Approve
approval-refuse = Refuse
approval-refuse-title = Why not?
approval-reason = Reason, for whoever asked
approval-reason-wanted = Say why: whoever asked will read it.
approval-withdraw = Take it back
approval-withdrawn = Taken back
approval-approved = Approved and done
approval-refused = Refused
approval-failed = It was approved, but could not be done: { $why }

approval-ask-title = It needs approval
approval-ask = Ask for approval
approval-ask-reason = Why (optional)
approval-ask-hint = Whoever may approve it reads this. It is done as soon as it is approved.
approval-asked = Asked for; you will be told what comes of it
approval-waits = It waits for approval. It is closed as soon as somebody approves.
approval-was-refused = { $who } refused: { $why }
approval-news-asked = { $who } asks for approval
approval-news-approved = { $who } approved what you asked for, and it is done

approval-create-customer = New customer
approval-change-customer = Change of { $customer }
approval-start = Start { $process }
approval-complete = Close { $activity }
approval-beyond = { $field }: { $wanted }, with a limit of { $limit }
approval-decided-by = { $who }, { $when }
approval-state-pending = Waiting
approval-state-approved = Approved
approval-state-refused = Refused
approval-state-withdrawn = Taken back
approval-state-failed = Not done
