place-operations = Operaciones
operations-parts = Partes de operaciones
operations-incidents = Incidentes
operations-letters = Trabajos sin salida
operations-moves = Cambios de versión
operations-refresh = Actualizar
operations-no-permission = Lo que está detenido y lo que cambia de versión es para quienes pueden ver incidentes o modificar tareas en curso.
operations-open = Abrir tarea
operations-nobody = Sin cliente
operations-unnamed = Cliente

operations-incidents-failed = No se pudieron cargar los incidentes
operations-nothing-stuck = No hay nada detenido
operations-nothing-stuck-text = Todas las tareas avanzan. Lo que no pueda seguir por sí solo aparece acá, según su causa.
operations-stuck = { $count ->
    [one] { $count } paso detenido
   *[other] { $count } pasos detenidos
  } por { $causes ->
    [one] { $causes } causa
   *[other] { $causes } causas
  }
operations-place = { $process } · versión { $version } · { $element }
operations-first = Primero { $when }
operations-last = Último { $when }
operations-whose = Tarea de
operations-when = Cuándo
operations-said = Qué informó
operations-why = Por qué
operations-by = Quién
operations-reason = Motivo
operations-state = Estado
operations-done = Hechos
operations-refused = Rechazados
operations-stays = Queda igual
operations-verdict = Resultado
operations-retry = Reintentar
operations-retry-all = { $count ->
    [one] Reintentar { $count }
   *[other] Reintentar los { $count }
  }
operations-retry-title = { $count ->
    [one] Reintentar { $count } paso
   *[other] Reintentar { $count } pasos
  }
operations-retry-sure = { $count ->
    [one] { $count } paso detenido empieza de nuevo: «{ $cause }».
   *[other] { $count } pasos detenidos empiezan de nuevo: «{ $cause }».
  } Lo que vuelva a fallar regresa a esta lista.
operations-reason-hint = Queda con la orden, a la vista de quien la consulte después.
operations-values = Valores que se fijan antes
operations-values-hint = Se fijan en cada tarea antes de que siga. Los números, true y false se toman como tales; ponga entre comillas un texto que parezca un número.
operations-value-name = Nombre
operations-value = Valor
operations-value-add = Agregar un valor
operations-pair-remove = Quitar { $name }

operations-order = La orden
operations-order-retry = Reintento
operations-order-move = Cambio de versión
operations-order-cancel = Suspender
operations-order-failed = No se pudo cargar la orden
operations-order-show = Ver resultado
operations-orders = Últimas órdenes
operations-orders-none = Todavía no hay órdenes.
operations-not-done = Lo que no se hizo, y por qué
operations-retried = { $done ->
    [one] { $done } reintentado
   *[other] { $done } reintentados
  }, { $refused ->
    [one] { $refused } rechazado
   *[other] { $refused } rechazados
  }
operations-moved = { $done ->
    [one] { $done } cambió de versión
   *[other] { $done } cambiaron de versión
  }, { $refused ->
    [one] { $refused } rechazada
   *[other] { $refused } rechazadas
  }
operations-cancelled = Suspendida: hasta entonces { $done ->
    [one] { $done } hecho
   *[other] { $done } hechos
  } y { $refused ->
    [one] { $refused } rechazado
   *[other] { $refused } rechazados
  }. El resto queda como está.

operations-letters-failed = No se pudieron cargar los trabajos sin salida
operations-letters-none = No hay trabajos sin salida
operations-letters-none-text = Todo lo que el servicio hace por sí solo se hizo, o todavía se está intentando.
operations-letters-text = Trabajos que fallaron definitivamente, y aquellos de los que nadie sabe si tuvieron efecto.
operations-letter-kind = Trabajo
operations-letter-cause = Causa
operations-letter-no-cause = No se informó la causa
operations-letter-attempts = Intentos
operations-letter-asked = Pedido
operations-letter-ended = Abandonado
operations-letter-failed = Falló
operations-letter-in-doubt = En duda
operations-letter-choose = Elegir { $kind }, { $when }
operations-letter-choose-all = Elegir todos los que se ven
operations-requeue = Empezar de nuevo
operations-requeue-chosen = { $count ->
    [one] Empezar { $count } de nuevo
   *[other] Empezar { $count } de nuevo
  }
operations-requeue-title = { $count ->
    [one] Empezar { $count } trabajo de nuevo
   *[other] Empezar { $count } trabajos de nuevo
  }
operations-requeue-sure = { $count ->
    [one] Empieza con todos sus intentos.
   *[other] Empiezan con todos sus intentos.
  }
operations-requeue-doubt = { $count ->
    [one] De { $count } nadie sabe si tuvo efecto: puede ocurrir dos veces. Verifique antes en el otro sistema.
   *[other] De { $count } nadie sabe si tuvieron efecto: puede ocurrir dos veces. Verifique antes en el otro sistema.
  }
operations-requeued = { $count ->
    [one] { $count } trabajo empieza de nuevo
   *[other] { $count } trabajos empiezan de nuevo
  }
operations-requeued-some = { $count ->
    [one] { $count } trabajo empieza de nuevo
   *[other] { $count } trabajos empiezan de nuevo
  }; { $gone ->
    [one] { $gone } ya no hace falta y salió de la lista
   *[other] { $gone } ya no hacen falta y salieron de la lista
  }
dead-letter-runner-perform = Transacción, decisión o script de una tarea
dead-letter-runner-call = Iniciar una tarea llamada
dead-letter-runner-called = Seguir después de una tarea llamada
dead-letter-runner-abandon = Terminar una tarea llamada
dead-letter-runner-message = Entregar un mensaje
dead-letter-runner-signal = Entregar una señal
dead-letter-runner-tell = Avisar a quien lo espera
dead-letter-runner-begin = Iniciar una tarea
dead-letter-runner-offer = Ofrecer un mensaje guardado
dead-letter-runner-bulk = Orden para muchos
dead-letter-chore-checkpoint = Sello del registro de auditoría
dead-letter-chore-purge = Olvidar lo que ya no hace falta

operations-moves-text = Las tareas en curso siguen en la versión con la que empezaron. Acá pasan a otra, cada una solo si puede seguir en ella.
operations-moves-process = Proceso
operations-moves-process-find = Nombre del proceso
operations-moves-process-failed = No se pudieron cargar los procesos
operations-moves-from = De la versión
operations-moves-any = Cualquier versión
operations-moves-to = A la versión
operations-moves-version = { $version } · { $when }
operations-moves-none-to = No hay otra versión a la que pasar.
operations-moves-renamed = Pasos con otro identificador
operations-moves-renamed-hint = Donde un paso tiene otro identificador en la versión nueva: el anterior y el nuevo.
operations-moves-old = Identificador anterior
operations-moves-new = Identificador nuevo
operations-moves-renamed-add = Agregar un paso
operations-moves-look = Vista previa
operations-moves-failed = No se pudo hacer la vista previa
operations-moves-nobody = No hay tareas en curso
operations-moves-nobody-text = Nada de este proceso está en curso en la versión elegida.
operations-moves-sum = De { $count ->
    [one] { $count } tarea
   *[other] { $count } tareas
  }: { $moves ->
    [one] { $moves } pasa
   *[other] { $moves } pasan
  }, { $stays ->
    [one] { $stays } queda igual
   *[other] { $stays } quedan igual
  }, { $impossible ->
    [one] { $impossible } no puede
   *[other] { $impossible } no pueden
  }
operations-moves-sum-part = Solo las primeras; hay más.
operations-verdict-moves = Pasa
operations-verdict-stays = Queda igual
operations-verdict-impossible = Imposible
operations-moves-on = En la versión
operations-moves-began = Empezó
operations-moves-change = { $lost ->
    [0] {""}
    [one] Termina { $lost } plazo o espera.
   *[other] Terminan { $lost } plazos y esperas.
  } { $new ->
    [0] {""}
    [one] Empieza { $new } nuevo.
   *[other] Empiezan { $new } nuevos.
  }
operations-moves-same = Ya está en esa versión.
operations-moves-plain = Tal como está.
operations-moves-order = Pasar las tareas en curso
operations-moves-title = Pasar { $process } a la versión { $version }
operations-moves-sure = Cada tarea en curso de la versión elegida pasa si puede seguir en la nueva; la que no puede queda donde está y dice por qué. Un cambio se puede deshacer en la página de la tarea mientras no le haya pasado nada más.

instance-levels = Nivel de servicio
instance-levels-failed = No se pudo cargar el nivel de servicio
instance-level-whole = La tarea completa
instance-level-activity = Paso { $number }
instance-level-running = En curso
instance-level-paused = En espera
instance-level-met = Cumplido
instance-level-breached = Excedido
instance-level-left = Quedan { $span }
instance-level-over = Excedido por { $span }
instance-level-spent = { $spent } usados de { $budget }
instance-level-spent-only = { $spent } usados, sin límite
instance-level-due = Se agota { $when }
instance-level-paused-since = En espera desde { $when }
instance-level-paused-why = En espera desde { $when }: { $why }
instance-level-calendar = Se cuenta en horas hábiles
instance-level-calendar-of = Se cuenta en el horario «{ $calendar }»
instance-level-ledger = Cómo transcurrió
instance-level-begun = Empezó
instance-level-was-paused = En espera
instance-level-resumed = Siguió
instance-level-was-breached = Excedido
instance-level-was-met = Cumplido
instance-moves = Cambios de versión
instance-moves-failed = No se pudieron cargar los cambios de versión
instance-move = De la versión { $from } a la { $to }
instance-move-newer = Está publicada la versión { $newest }.
instance-move-undo = Deshacer
instance-move-undone = Deshecho { $when }
instance-move-taken-back = Se deshizo el cambio

operations-accept = Ya se hizo
operations-accept-send = Dar por hecho
operations-accept-text = Lo que se pidió al otro sistema se hizo igual, o alguien lo hizo a mano. La tarea sigue como si hubiera contestado; no se le vuelve a pedir.
operations-accept-hint = Queda en la auditoría: cómo se sabe que se hizo.
operations-accept-values = Qué contestó
operations-accept-values-hint = Los valores que el otro sistema habría dado, con los nombres que el proceso espera de él.
operations-accepted = Dado por hecho: la tarea sigue
