history-customer-created = Cliente dado de alta
history-customer-changed = Datos del cliente modificados
