canvas-ad-hoc = Subproceso ad hoc
canvas-all = Agregar elemento
canvas-annotation = Anotación
canvas-append = Agregar a continuación
canvas-append-kind = Agregar a continuación: { $kind }
canvas-called = Tarea a la que llama
canvas-change = Cambiar tipo
canvas-closed = { $name } (plegado)
canvas-connect = Conectar
canvas-conversation = Conversación
canvas-copy = Copiar
canvas-data = Datos
canvas-data-store = Almacén de datos
canvas-empty = El diagrama está vacío. Pulse N o arrastre un elemento desde la izquierda.
canvas-event = { $name }: { $mark }
canvas-event-beside = { $name }: { $mark }, sin interrumpir
canvas-event-sub-process = Subproceso por evento
canvas-group = Grupo
canvas-group-boundaries = Eventos de borde
canvas-group-containers = Subprocesos
canvas-group-data = Datos y notas
canvas-group-ends = Finales
canvas-group-frames = Participantes y carriles
canvas-group-gateways = Compuertas
canvas-group-middles = Eventos intermedios
canvas-group-starts = Inicios
canvas-group-tasks = Trámites
canvas-interrupts = Interrumpe
canvas-interrupts-hint = Si no, lo que está en curso sigue mientras tanto.
canvas-key-delete = Supr
canvas-keys = Las flechas recorren los elementos y Mayús más flechas los mueven. N agrega, A agrega a continuación, C conecta, F2 cambia el nombre, T cambia el tipo, Supr quita, P va al próximo problema y M lo corrige, espacio marca varios, Intro abre las propiedades.
canvas-layout = Ordenar el diagrama
canvas-link-name = Nombre del enlace
canvas-mark-cancel = cancelación
canvas-mark-compensation = compensación
canvas-mark-condition = condición
canvas-mark-error = error
canvas-mark-escalation = escalamiento
canvas-mark-link = enlace
canvas-mark-message = mensaje
canvas-mark-multiple = varios
canvas-mark-signal = señal
canvas-mark-terminate = terminar todo
canvas-mark-timer = temporizador
canvas-named = { $kind }: { $name }
canvas-next-problem = Próximo problema
canvas-none-found = No hay ningún elemento con ese nombre.
canvas-other = Elemento
canvas-pad = Qué hacer con el elemento
canvas-palette = Elementos para agregar
canvas-pool = Participante
canvas-reference-hint = Elija uno o escriba un nombre nuevo. Los eventos con el mismo nombre se entienden entre sí.
canvas-refuse-boundary = Un evento de borde va sobre un trámite o un subproceso.
canvas-refuse-closed = Ese participante no muestra su proceso: solo envía y recibe mensajes.
canvas-refuse-lane = Un carril va dentro de un participante. Agregue primero el participante.
canvas-refuse-outside = Suéltelo dentro de un participante.
canvas-refuse-paste = Lo que está en el portapapeles no es un diagrama BPMN.
canvas-remove = Quitar
canvas-rename = Cambiar nombre
canvas-said-added = Agregado: { $kind }.
canvas-said-aim = Elija con las flechas el destino; Intro conecta, Escape lo deja.
canvas-said-aimed = Conectar con { $name }. Intro confirma.
canvas-said-appended = Agregado: { $kind }, después de { $name }.
canvas-said-changed = Ahora es: { $kind }.
canvas-said-connected = Conectado: { $from } con { $to }.
canvas-said-copied = { $count ->
    [one] Copiado un elemento.
   *[other] Copiados { $count } elementos.
}
canvas-said-cut = { $count ->
    [one] Se quitó un flujo que habría cruzado el borde.
   *[other] Se quitaron { $count } flujos que habrían cruzado el borde.
}
canvas-said-nothing-to-paste = No hay nada copiado.
canvas-said-pasted = { $count ->
    [one] Pegado un elemento.
   *[other] Pegados { $count } elementos.
}
canvas-said-removed = { $count ->
    [one] Quitado un elemento.
   *[other] Quitados { $count } elementos.
}
canvas-said-selected = { $count ->
    [one] Un elemento elegido.
   *[other] { $count } elementos elegidos.
}
canvas-several = { $count } elementos elegidos
canvas-several-hint = Muévalos juntos, cópielos o quítelos. Un clic en el fondo los suelta.
canvas-straighten = Trazar de nuevo
canvas-timer = Cuándo
canvas-timer-cycle = Cada tanto
canvas-timer-cycle-hint = R3/PT10M: tres veces, cada diez minutos.
canvas-timer-date = En una fecha
canvas-timer-date-hint = 2026-12-24T18:00:00Z, o una expresión que dé una fecha.
canvas-timer-duration = Después de un tiempo
canvas-timer-duration-hint = PT4H: cuatro horas. P2D: dos días.
canvas-timer-text = Tiempo
canvas-told-flow = Flujo { $name } de { $from } a { $to }
canvas-told-leads = { $what }. Lleva a { $to }
canvas-told-wrong = { $what }. Tiene un problema
canvas-transaction = Transacción de compensación
undo-add = agregar elemento
undo-bend = cambiar el recorrido de un flujo
undo-called = elegir la tarea llamada
undo-change = cambiar el tipo
undo-columns = cambiar las columnas
undo-condition = cambiar la condición
undo-connect = conectar
undo-default = cambiar el camino por omisión
undo-due = cambiar el vencimiento
undo-duration = cambiar la duración
undo-escalation = cambiar el escalamiento
undo-event = cambiar el evento
undo-form = cambiar el formulario
undo-group = cambiar el grupo
undo-label = mover un nombre
undo-layout = ordenar el diagrama
undo-mend = corregir un problema
undo-move = mover
undo-name = cambiar el nombre
undo-new-form = nuevo formulario
undo-outcomes = cambiar los resultados
undo-paste = pegar
undo-remove = quitar
undo-rename = cambiar el nombre
undo-resize = cambiar el tamaño
