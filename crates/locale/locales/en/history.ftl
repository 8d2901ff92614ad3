history-customer-created = Customer created
history-customer-changed = Customer data changed
