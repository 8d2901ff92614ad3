## The component kit's own words.
kit-close = Cerrar
kit-clear = Borrar lo escrito
kit-show-password = Mostrar la contraseña
kit-nothing-found = No se encontró nada
kit-previous-month = Mes anterior
kit-next-month = Mes siguiente
kit-open-calendar = Abrir el calendario
kit-date-form = por ejemplo { $example }
kit-loading = Cargando…
kit-try-again = Reintentar
kit-copy-details = Copiar detalles
kit-copied = Copiado
kit-messages = Avisos
kit-choose-file = Elegir archivo
kit-no-permission = No tiene permiso para ver esto
kit-locked = Sin permiso para ver este dato
kit-percent = { $number } %
kit-cancel = Cancelar
kit-save = Guardar
kit-today = Hoy
kit-yesterday = Ayer
kit-yesterday-at = ayer { $time }
kit-now = ahora
kit-in = en { $span }
kit-ago = hace { $span }
kit-seconds = { $count } s
kit-minutes = { $count } min
kit-hours = { $count } h
kit-days = { $count } d

grid-columns = Columnas
grid-failed = No se pudo traer la lista
grid-total = { $count ->
    [one] { $shown } fila
   *[other] { $shown } filas
}

palette-label = Buscar o ejecutar
palette-placeholder = Cliente, pantalla o acción…
palette-move = moverse
palette-run = abrir
