history-customer-created = Customer created
history-customer-changed = Customer data changed
history-process-started = Process started
history-activity-closed = Activity done
history-activity-exception = Activity left another way
history-process-ended = Process finished
history-process-cancelled = Process cancelled
history-escalation = Activity escalated from { $from } to { $to } (level { $level })
