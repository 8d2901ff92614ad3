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
kit-more = Mostrar más
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
grid-filter = Filtrar
grid-filters = Filtros
grid-filters-clear = Quitar filtros
grid-filter-remove = Quitar el filtro { $name }
grid-filter-done = Listo
grid-how = Condición
grid-how-contains = contiene
grid-how-begins = empieza con
grid-how-is = es
grid-how-is-not = no es
grid-how-between = entre
grid-how-among = es uno de
grid-how-empty = sin valor
grid-how-present = con valor
grid-range-from = Desde
grid-range-to = Hasta
grid-from = desde { $value }
grid-to = hasta { $value }
grid-exactly = Tal como está escrito, con sus acentos y mayúsculas.
grid-not-a-number = No es un número. Escríbalo así: { $example }.
grid-not-a-day = No es una fecha. Escríbala así: { $example }.
grid-none-so = Nada cumple estos filtros
grid-none-so-text = Quite alguno o cambie sus valores.
grid-cut = Hay más que no se muestran: escriba algo más, o filtre la lista.

palette-label = Buscar o ejecutar
palette-placeholder = Cliente, pantalla o acción…
palette-move = moverse
palette-run = abrir
