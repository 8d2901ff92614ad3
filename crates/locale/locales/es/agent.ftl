## The agent's screens: sign-in, frame, inbox, customers, attending.

somebody = otra persona
value-yes = Sí
value-no = No
value-choose = Elija…

transport-offline = El servicio no responde. Lo que escribió sigue aquí; se puede reintentar cuando vuelva la conexión.
transport-failed = El servicio no pudo hacerlo. Reintente; si se repite, copie los detalles y avise a soporte.
transport-unreadable = La respuesta del servicio no se entiende: puede que se haya actualizado. Vuelva a abrir la aplicación.

nowhere-title = Esta dirección no lleva a ninguna parte
nowhere-text = Puede que el enlace sea viejo o que falte una letra.
nowhere-home = Ir a la bandeja

sign-in-login = Usuario
sign-in-password = Contraseña
sign-in-button = Entrar
sign-in-version = Versión { $version }
sign-in-unreachable = No se puede llegar al servicio
sign-in-demo = Usuarios de la demostración
sign-in-demo-badge = Demo
sign-in-demo-text = Todo aquí es inventado. Elija con quién entrar.
sign-in-demo-password = La contraseña de todos es
sign-in-again = Su sesión terminó
sign-in-again-text = Escriba la contraseña para seguir donde estaba. Lo que tenía escrito no se perdió.
sign-in-other-user = Entrar con otro usuario

set-up-title = Primer inicio
set-up-text = Elija la contraseña del usuario «admin», que administra el producto.
set-up-password = Contraseña del administrador
set-up-repeat = Repita la contraseña
set-up-hint = Al menos { $count } caracteres; una frase sirve
set-up-short = Faltan caracteres: escriba al menos { $count }
set-up-differs = No son iguales: escríbala otra vez
set-up-button = Guardar y entrar

frame-skip = Ir al contenido
frame-places = Lugares
frame-unreachable = No se puede llegar al servicio
part-missing = Esta parte no se pudo traer
part-missing-text = Puede que no haya conexión, o que el servicio se haya actualizado. Vuelva a cargar la página: lo que escribió en otras pantallas ya está guardado.
frame-offline = Sin conexión con el servicio. Lo que está en pantalla sirve para leer; lo que escriba se guarda en este equipo.
top-search = Buscar un cliente o una acción
place-inbox = Bandeja
place-customers = Clientes
tabs-label = Lo que está abierto
tabs-open = Abrir algo más
tabs-close = Cerrar pestaña
tabs-next = Pestaña siguiente
tabs-previous = Pestaña anterior
bell-none = Sin pendientes nuevos
bell-some = { $count ->
    [one] Llegó { $count } pendiente
   *[other] Llegaron { $count } pendientes
}
status-connected = Conectado
status-connecting = Conectando
status-offline = Sin conexión
status-fleeting = La sesión termina al cerrar
status-fleeting-why = Esta computadora no tiene un llavero abierto (GNOME Keyring, KWallet): al cerrar Engage, la sesión termina y habrá que iniciarla otra vez.
status-saved = Guardado { $when }
status-keys = Teclas

menu-label = Preferencias y sesión
menu-language = Idioma
menu-spanish = Español
menu-english = Inglés
menu-region = Fechas y números
menu-region-ar = Argentina
menu-region-pe = Perú
menu-region-mx = México
menu-region-es = España
menu-region-us = Estados Unidos
menu-theme = Tema
menu-theme-system = El del sistema
menu-theme-light = Claro
menu-theme-dark = Oscuro
menu-theme-contrast = Alto contraste
menu-density = Densidad
menu-density-compact = Compacta
menu-density-normal = Normal
menu-density-roomy = Amplia
menu-single-keys = Teclas de una letra
menu-sign-out = Salir
palette-customers = Clientes
palette-places = Ir a
palette-actions = Acciones
palette-theme-light = Usar el tema claro
palette-theme-dark = Usar el tema oscuro
palette-theme-contrast = Usar alto contraste
palette-language = Ver en inglés

inbox-all = Todos
inbox-mine = Míos
inbox-groups = De mis grupos
inbox-closed = Atendidos
inbox-view = Qué pendientes
inbox-order = Orden
inbox-order-due = Por vencimiento
inbox-order-opened = Por llegada
inbox-order-customer = Por cliente
inbox-order-process = Por tarea
inbox-open = Atender
inbox-attend = Atender
inbox-up = Anterior
inbox-down = Siguiente
inbox-refresh = Actualizar
inbox-customer = Ver cliente
inbox-list-toggle = Lista
inbox-width = Ancho de la lista
inbox-preview = Pendiente elegido
inbox-failed = No se pudo traer la bandeja
inbox-none = No hay pendientes
inbox-none-text = Cuando llegue uno para usted o sus grupos aparecerá aquí, sin recargar.
inbox-empty = Nada que atender por ahora
inbox-empty-text = Busque un cliente con Ctrl+K para empezar una tarea.
inbox-escalated = Escalado (nivel { $level })
inbox-count = { $count ->
    [one] { $shown } pendiente
   *[other] { $shown } pendientes
}
item-process = Tarea
item-due = Vence
item-since = Llegó
item-group = Grupo
item-assignee = Lo tiene
item-sender = Lo envió
item-closed = Cerrado

state-running = En curso
state-claimed = Tomado
state-completed = Terminado
state-cancelled = Cancelado
state-withdrawn = Retirado
state-interrupted = Interrumpido
state-incident = Con incidente
state-waiting = Esperando

customers-name = Nombre
customers-changed = Modificado
customers-column-created = Alta
customers-column-changed = Última modificación
customers-column-id = Identificador
customers-file = clientes
export = Exportar
export-csv = CSV
export-xlsx = Excel (XLSX)
export-begun = La exportación comenzó; queda registrada.
export-preparing = Se prepara el archivo…
export-done = El archivo está listo; la exportación quedó registrada.
export-broken = El archivo se cortó en el camino y no se guardó. Pruebe otra vez; si su permiso cambió, avise a quien administra.
customers-export-searching = Borre lo buscado para exportar la lista entera.
customers-type = Tipo de cliente
customers-search = Buscar clientes
customers-search-by = Nombre, teléfono, documento o correo
customers-failed = No se pudieron traer los clientes
customers-none = Todavía no hay clientes de este tipo
customers-not-found = Ningún cliente coincide con «{ $text }»
customers-not-found-text = Pruebe con parte del nombre, el documento, el teléfono o el correo.
customers-no-types = Todavía no hay tipos de cliente
customers-no-types-text = Un diseñador los define y publica en el Diseñador.
customer-failed = No se pudo traer el cliente
customer-none = Cliente no encontrado
customer-parts = Partes del cliente
customer-facts = Datos
customer-work = Tareas
customer-contacts = Contactos
customer-history = Historia
customer-history-toggle = Historia
customer-history-width = Ancho de la historia
customer-last-contact = Último contacto { $when }
customer-no-contact = Sin contactos todavía
customer-open-work = { $count ->
    [one] { $count } tarea en curso
   *[other] { $count } tareas en curso
}
customer-copied = Copiado: { $text }
customer-saved = Guardado
customer-stale = Otra persona lo cambió mientras tanto. Ya está a la vista lo nuevo: revíselo y guarde otra vez.
customer-locked = Sin permiso
customer-fact-copy = Clic: copiar
customer-fact-edit = Clic: copiar · Doble clic: editar
customer-fact-fixed = No puede cambiar este dato
customer-owner = Responsable
customer-unit = Unidad
customer-no-unit = Ninguna
customer-nobody = Nadie
customer-keeper-edit = Clic: cambiar

start-button = Iniciar tarea
start-title = Iniciar tarea
start-search = Qué tarea
start-failed = No se pudieron traer las tareas
start-none = No hay tareas para iniciar
start-none-text = Ninguna tarea publicada coincide, o no tiene permiso para iniciarlas con este cliente.
start-done = «{ $name }» está en marcha

timeline-failed = No se pudo traer la historia
timeline-none = Sin historia todavía
timeline-none-text = Todo contacto y toda tarea de este cliente quedará aquí, de cualquier canal.
timeline-more = Ver anteriores
timeline-what = Qué pasó
timeline-process = Tarea
timeline-outcome = Resultado
timeline-who = Quién
timeline-when = Cuándo
timeline-open-instance = Ver la tarea

contacts-failed = No se pudieron traer los contactos
contacts-none = Sin contactos
contacts-none-text = Registre a quienes representan a este cliente.
contact-add = Agregar contacto
contact-edit = Editar contacto
contact-remove = Quitar contacto
contact-removed = { $name } ya no es contacto
contact-saved = { $name } quedó guardado
contact-save = Guardar contacto
contact-name = Nombre
contact-name-hidden = Nombre no visible
contact-name-needed = Escriba el nombre
contact-role = Función
contact-role-hint = Qué es del cliente: apoderada, compras…
contact-phone = Teléfono
contact-mobile = Celular
contact-mail = Correo electrónico
contact-document = Documento
contact-note = Observaciones

instances-failed = No se pudieron traer las tareas
instances-none = Sin tareas todavía
instances-none-text = Las tareas que se inicien con este cliente quedarán aquí.
instances-process = Tarea
instances-state = Estado
instances-ended = Terminó
instances-started = Comenzó
instances-by = La inició
instance-failed = No se pudo traer la tarea
instance-started = Comenzó { $when }, la inició { $who }
instance-version = Versión { $number }
instance-waiting = Esperando
instance-steps = Pasos
instance-no-steps = Sin pasos todavía
instance-values = Datos de la tarea

attend-failed = No se pudo abrir el pendiente
attend-gone = Pendiente no encontrado
attend-outcomes = ¿Cómo termina?
attend-complete = Completar
attend-done = «{ $activity }» quedó terminada
attend-due = Vence { $when }
attend-wait = Esperar al cliente
attend-waits = En espera del cliente desde { $when }
attend-waiting = En espera: el plazo se detuvo
attend-goes-on = El plazo sigue corriendo
attend-go-on = Seguir
attend-wait-confirm = Poner en espera
attend-wait-text = El plazo y el escalamiento se detienen hasta que usted siga. El motivo queda en la historia del plazo.
attend-wait-reason = Qué se espera del cliente
attend-wait-why = Escriba qué se espera del cliente.
inbox-waits = En espera
attend-present = Cliente presente
attend-back-office = Back office
attend-customer = Cliente
attend-script = Guion
attend-aside = Junto al formulario
attend-aside-toggle = Panel derecho
attend-aside-width = Ancho del panel derecho
attend-no-form = Este trámite no pide datos
attend-no-form-text = Elija abajo cómo termina.
attend-bad-form = El formulario de este trámite está mal definido
attend-bad-form-text = Avise a quien lo diseñó: copie los detalles.
attend-closed = { $who } ya cerró este pendiente. Lo que escribió no se envió; puede copiarlo.
attend-closed-by-you = Usted ya cerró este pendiente.
attend-withdrawn = Este pendiente se retiró: la tarea siguió por otro camino. Lo que escribió no se envió; puede copiarlo.
attend-taken = Lo tiene { $who }. Si lo cierra usted, avísele.
attend-copy = Copiar lo escrito
attend-recovered = Se recuperó lo que había escrito ({ $when }).
attend-discard = Descartar
attend-not-yours = Puede verlo, pero no cerrarlo: no es de sus grupos o no tiene el permiso.
attend-stale = Cambió mientras escribía. Lo suyo sigue aquí: revíselo y elija otra vez.

password-title = Cambiar contraseña
password-must-title = Elija su contraseña
password-must-text = La contraseña con la que entró la eligió otra persona. Antes de seguir elija una que sólo usted conozca.
password-current = Contraseña actual
password-new = Contraseña nueva
password-save = Cambiar contraseña
password-changed = Contraseña cambiada

## Second factor, identity provider, sign-in policy.
sign-in-code = Código del segundo paso
sign-in-code-hint = Los seis dígitos de su aplicación, o un código de recuperación
sign-in-provider = Entrar con { $label }
sign-in-provider-waiting = Siga en el navegador que se abrió…
sign-in-or = o
sign-in-returning = Entrando…
sign-in-return-failed = No se pudo entrar
sign-in-return-again = Volver a intentarlo
sign-in-returned = Listo. Puede cerrar esta página y volver a Engage.
sign-in-not-returned = Aquí no hay nada.
factor-title = Verificación en dos pasos
factor-must-title = Active la verificación en dos pasos
factor-must-text = Su rol la exige: además de la contraseña, al entrar se pide un código que muestra su teléfono.
factor-off = No está activada. Con ella, quien averigüe su contraseña no puede entrar.
factor-on = Activada desde el { $date }.
factor-left = { $count ->
    [0] No le quedan códigos de recuperación.
    [one] Le queda 1 código de recuperación.
   *[other] Le quedan { $count } códigos de recuperación.
}
factor-begin = Activar
factor-password-hint = Confirme que es usted
factor-scan = Abra una aplicación de autenticación en su teléfono y lea este código.
factor-picture = Código QR para la aplicación de autenticación
factor-type = ¿No puede leerlo? Escriba esta clave:
factor-code = Código de seis dígitos
factor-confirm = Confirmar
factor-codes-title = Guarde estos códigos de recuperación
factor-codes-text = Cada uno permite entrar una vez si pierde el teléfono. No se vuelven a mostrar.
factor-codes-copy = Copiar
factor-codes-copied = Códigos copiados
factor-codes-kept = Ya los guardé
factor-code-now = Código actual
factor-renew = Códigos de recuperación nuevos
factor-remove = Desactivar
factor-removed = Verificación en dos pasos desactivada
factor-required-note = Su rol la exige: si la desactiva, deberá activarla otra vez enseguida.
policy-title = Entrada
policy-second-factor = Quién debe usar el segundo paso
policy-second-factor-text = Quien tenga uno de estos roles y aún no lo haya activado deberá hacerlo antes de seguir trabajando.
policy-save = Guardar
policy-saved = Guardado
policy-failed = No se pudieron leer las reglas de entrada
unfinished-leave = Salir

item-why = Por qué
why-group = Está para cualquiera del grupo
why-instead = Está para cualquiera del grupo: no se encontró a quién dárselo
why-instead-skill = Está para cualquiera del grupo: nadie tiene la habilidad pedida
why-instead-round-robin = Está para cualquiera del grupo: no hay nadie a quien le toque
why-instead-least-loaded = Está para cualquiera del grupo: no hay nadie disponible
why-instead-same-user = Está para cualquiera del grupo: nadie hizo el paso anterior
why-instead-own-customer = Está para cualquiera del grupo: el cliente no tiene responsable
why-instead-deputy = Está para cualquiera del grupo: el cliente no tiene responsable
why-instead-expression = Está para cualquiera del grupo: la expresión del proceso no dio a nadie
why-round-robin = Le tocó por turno, entre { $of }
why-least-loaded = { $load ->
    [0] No tenía pendientes, entre { $of }
    [one] Tenía lo menos pendiente (uno), entre { $of }
   *[other] Tenía lo menos pendiente ({ $load }), entre { $of }
}
why-skill = Sabe { $skill } (nivel { $level }), uno de { $of } que saben
why-same-user = Hizo el paso anterior
why-own-customer = Es responsable del cliente
why-deputy = Reemplaza a { $name }
why-expression = Lo decidió el proceso: { $value }
why-escalation = Escalado desde { $from } (nivel { $level })
why-claimed = Lo tomó { $name }
why-released = Lo devolvió { $name }
why-assigned = Lo pasó { $name }
why-assigned-because = Lo pasó { $name }: { $why }

## Otras salidas de una actividad

attend-exception = Otra salida
attend-exception-which = Qué pasa
attend-exception-any-error = No se puede seguir
attend-exception-any-escalation = Hay que avisar
attend-exception-ends = La actividad termina aquí y la tarea sigue por otro camino.
attend-exception-stays = La actividad sigue abierta; la tarea abre además otro camino.
attend-exception-note = Motivo
attend-exception-why = Escriba el motivo: quien siga con la tarea lo verá.
attend-exception-confirm = Tomar esta salida
attend-exception-done = «{ $name }»: la tarea sigue por ese camino
instance-startable = Se puede hacer además
instance-startable-text = Actividades de este caso que puede empezar cuando hagan falta, también más de una vez.
instance-begun = Empezada: { $name }
