place-approvals = Aprobaciones
approvals-which = Qué pedidos
approvals-decide = Por decidir
approvals-asked = Pedidos por mí
approvals-decided = Decididos por mí
approvals-next = Pedido siguiente
approvals-previous = Pedido anterior
approvals-open = Aprobaciones
approvals-unread = No se pudieron leer los pedidos
approvals-none = No hay pedidos
approvals-none-decide = Nada espera su decisión.
approvals-none-asked = No pidió nada que supere sus límites.
approvals-none-decided = Todavía no decidió ningún pedido.
approvals-count = { $count ->
    [one] 1 pedido espera su decisión
   *[other] { $count } pedidos esperan su decisión
}

approval-approve = Aprobar
approval-refuse = Rechazar
approval-refuse-title = ¿Por qué no?
approval-reason = Motivo, para quien lo pidió
approval-reason-wanted = Diga por qué: lo leerá quien lo pidió.
approval-withdraw = Retirar el pedido
approval-withdrawn = Pedido retirado
approval-approved = Aprobado y hecho
approval-refused = Rechazado
approval-failed = Se aprobó, pero no pudo hacerse: { $why }

approval-ask-title = Hace falta una aprobación
approval-ask = Pedir aprobación
approval-ask-reason = Motivo (opcional)
approval-ask-hint = Lo lee quien puede aprobarlo. Se hace en cuanto se aprueba.
approval-asked = Pedido enviado; se le avisará qué se decide
approval-waits = Espera aprobación. Se cierra en cuanto alguien la dé.
approval-was-refused = { $who } lo rechazó: { $why }
approval-news-asked = { $who } pide una aprobación
approval-news-approved = { $who } aprobó lo que pidió, y ya está hecho

approval-create-customer = Cliente nuevo
approval-change-customer = Cambio de { $customer }
approval-start = Iniciar { $process }
approval-complete = Cerrar { $activity }
approval-beyond = { $field }: { $wanted }, con un límite de { $limit }
approval-decided-by = { $who }, { $when }
approval-state-pending = En espera
approval-state-approved = Aprobado
approval-state-refused = Rechazado
approval-state-withdrawn = Retirado
approval-state-failed = No se hizo
