history-customer-created = Cliente dado de alta
history-customer-changed = Datos del cliente modificados
history-process-started = Tarea iniciada
history-activity-closed = Trámite atendido
history-activity-exception = Trámite dejado por otra salida
history-process-ended = Tarea terminada
history-process-cancelled = Tarea cancelada
history-escalation = Trámite escalado de { $from } a { $to } (nivel { $level })
