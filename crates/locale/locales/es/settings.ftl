settings-administrator = Administrador
settings-demo-agent = Atiende clientes
settings-demo-back-office = Analiza y resuelve reclamos y solicitudes
settings-demo-supervisor = Recibe lo que escala y reasigna
settings-demo-designer = Define procesos, formularios y tipos de cliente
settings-demo-administrator = Administra usuarios, roles y permisos

# The window
place-settings = Configuración
settings-sections = Secciones de la configuración
settings-people = Personas
settings-permissions = Permisos
settings-watch = Control
settings-organisation = Organización
settings-users = Usuarios
settings-groups = Grupos
settings-roles = Roles
settings-lens = Lente de seguridad
settings-sessions = Sesiones
settings-audit = Auditoría
settings-nothing = Nada que configurar
settings-nothing-text = Su rol no administra usuarios, permisos ni auditoría. Si lo necesita, pídalo a quien administra.
settings-reject-row = Fila
settings-reject-column = Columna
settings-reject-reason = Motivo

# Shared
settings-take-out = Quitar a { $name }
settings-more = Ver más
settings-undo = Deshacer
settings-redo = Rehacer
settings-yes = Sí
settings-no = No
settings-undo-changes = Descartar cambios
settings-conflict = Otra persona guardó mientras usted editaba:
settings-conflict-theirs = Tomar lo guardado
settings-conflict-mine = Mantener lo mío
settings-conflict-hidden = cambió un dato que no está a la vista

# Users
user-search = Buscar por nombre o usuario
user-new = Nuevo usuario
user-make = Crear usuario
user-made = Se creó { $name }
user-saved = Se guardó { $name }
user-failed = No se pudo abrir el usuario
user-parts = Partes del usuario
user-data = Datos
user-permissions = Permisos
user-permissions-failed = No se pudieron leer los permisos
user-name = Nombre
user-login = Usuario
user-mail = Correo
user-state = Estado
user-kind = Pertenencia
user-kind-hint = Un externo participa en algunas tareas y ve sólo su parte.
user-person = De la organización
user-external = Externo
user-unit = Unidad
user-position = Cargo
user-manager = Depende de
user-role = Rol
user-any-role = Cualquier rol
user-any-kind = Internos y externos
user-any-unit = Cualquier unidad
user-actives = Activos
user-inactives = Inactivos
user-everybody = Todos
user-active = Activo
user-inactive = Inactivo
user-locked = Bloqueado
user-locked-until = Bloqueado por contraseñas erróneas hasta las { $time }.
user-release = Desbloquear
user-released = Ya puede volver a intentar
user-add-role = Dar un rol
user-add-group = Sumar a un grupo
user-roles-hint = Los roles que llegan por un grupo están en «Permisos».
user-password = Contraseña
user-password-hint = Se cambia en el primer ingreso. Sin ella no puede ingresar hasta que se le dé una.
user-set-password = Cambiar contraseña
user-password-text = Sus sesiones abiertas terminan. Comuníquele la contraseña por un medio seguro.
user-password-set = La contraseña quedó cambiada
user-must-change = Debe cambiarla en el próximo ingreso
user-activate = Activar
user-deactivate = Desactivar
user-deactivate-title = Desactivar al usuario
user-deactivate-text = { $name } no podrá ingresar y sus sesiones abiertas terminan en este momento. Su historia queda.
user-holds = Roles que tiene
user-holds-none = No tiene ningún rol
user-holds-none-text = Sin roles no puede hacer nada. Déle uno en «Datos» o súmelo a un grupo.
user-through = por { $groups }
users-none = No hay usuarios así
users-none-text = Cambie la búsqueda o los filtros.

# Groups
group-new = Nuevo grupo
group-make = Crear grupo
group-search = Buscar grupo
group-name = Nombre
group-key = Clave
group-key-hint = Con ella lo nombran las tareas; no cambia después.
group-description = Descripción
group-saved = Se guardó { $name }
group-remove = Quitar grupo
group-removed = Se quitó { $name }
group-remove-text = «{ $name }» desaparece y { $count ->
    [one] su integrante lo pierde
   *[other] sus { $count } integrantes lo pierden
}, con los roles que llegan por él.
group-members = Integrantes ({ $count })
group-add-member = Sumar integrante
group-inbox = Bandeja
group-waiting = { $count ->
    [0] No espera ningún pendiente
    [one] Espera 1 pendiente
   *[other] Esperan { $count } pendientes
}
group-overdue = { $count ->
    [one] 1 vencido
   *[other] { $count } vencidos
}
group-roles = Roles que da
group-no-roles = No da ningún rol.
group-used = Dónde se usa
group-not-used = Ninguna tarea publicada lo nombra.
group-assigned = Atiende
group-escalated = Recibe el escalamiento
groups-failed = No se pudieron leer los grupos
groups-none = No hay grupos así
groups-none-text = Un grupo comparte una bandeja. Cree el primero o cambie la búsqueda.

# Sessions
session-search = Buscar por nombre
session-user = Usuario
session-device = Dispositivo
session-web = Navegador
session-desktop = Escritorio
session-api = Otro sistema
session-address = Dirección
session-since = Desde
session-seen = Último uso
session-this = Esta sesión
session-end = Terminar
session-ended = La sesión terminó
session-locked = { $name } ({ $login }) está bloqueado hasta las { $time }: { $tries } intentos con contraseña errónea.
sessions-failed = No se pudieron leer las sesiones
sessions-none = No hay sesiones abiertas
sessions-end-all = Terminar todas
sessions-end-all-text = El usuario sale de todos sus dispositivos en este momento. Lo que no guardó queda en su pantalla hasta que vuelva a ingresar.
sessions-ended = { $count ->
    [0] No había sesiones abiertas
    [one] Terminó 1 sesión
   *[other] Terminaron { $count } sesiones
}

# Organisation
organisation-units = Unidades
organisation-reporting = Quién depende de quién
organisation-positions = Cargos
organisation-external = Participantes externos
organisation-import = Importar CSV
organisation-other-file = Otro archivo
organisation-bring = Importar todo
organisation-brought = Importado: { $created } nuevos, { $changed } cambiados
organisation-drop = Suelte aquí un archivo CSV
organisation-drop-hint = De usuarios, unidades o cargos: lo dicen los títulos de la primera fila. UTF-8, hasta 4 MB y 5.000 filas.
organisation-too-large = El archivo supera 4 MB. Divídalo en varios.
organisation-example = Archivo de ejemplo:
organisation-example-save = Descargar
organisation-would = { $created } nuevos, { $changed } con cambios, { $unchanged } iguales.
organisation-wrong = { $count ->
    [one] Hay 1 problema
   *[other] Hay { $count } problemas
}. Mientras los haya no se guarda nada: corrija el archivo y vuelva a traerlo.
organisation-rejects = Descargar rechazos
organisation-value = Valor
organisation-creates = Nuevo
organisation-changes = Cambia
organisation-same = Igual
unit-search = Buscar unidad
unit-new = Nueva unidad
unit-new-top = Nueva en la raíz
unit-new-below = Debajo de { $name }.
unit-new-at-top = En la raíz de la organización.
unit-make = Crear unidad
unit-name = Nombre
unit-parent = Depende de
unit-top = (raíz)
unit-saved = Se guardó { $name }
unit-moved = { $name } ahora depende de { $into }
unit-taken = { $name }: elija dónde y pulse Ctrl+V
unit-not-below-itself = Una unidad no puede depender de su propia rama
unit-drop-top = Suelte aquí para llevarla a la raíz
unit-with-below = { $count } con sus inferiores
unit-users = Usuarios
unit-nobody = No hay usuarios en esta unidad.
unit-remove = Quitar unidad
unit-remove-title = Quitar «{ $name }»
unit-remove-empty = No tiene usuarios ni unidades debajo.
unit-remove-hangs = De ella dependen { $users ->
    [one] 1 usuario
   *[other] { $users } usuarios
}, { $units ->
    [one] 1 unidad
   *[other] { $units } unidades
} y { $customers ->
    [one] 1 cliente
   *[other] { $customers } clientes
}. Pasan a otra antes de quitarla; quien ve por unidad los verá allí. Los clientes que pasan a la raíz quedan sin unidad.
unit-remove-into = Pasan a
unit-removed = Se quitó { $name }
units-failed = No se pudieron leer las unidades
units-none = Todavía no hay unidades
units-none-text = Dibuje la organización: cree la primera unidad y cuelgue de ella las demás, o impórtela de un CSV.
position-new = Nuevo cargo
position-add = Agregar
position-name = Cargo
position-saved = Se guardó { $name }
position-remove = Quitar cargo
position-used = Hay usuarios con este cargo
positions-failed = No se pudieron leer los cargos
positions-none = Todavía no hay cargos
positions-none-text = Un cargo dice qué hace una persona; lo que puede hacer lo dicen sus roles.
reporting-failed = No se pudo leer quién depende de quién
reporting-none = No hay usuarios
reporting-no-lines = Nadie depende de nadie todavía. Elija «Depende de» en cada usuario, o impórtelo de un CSV.
reporting-alone = Sin línea de dependencia
reporting-below = { $count ->
    [one] 1 persona depende de ella
   *[other] { $count } personas dependen de ella
}
reporting-smaller = Más chico
reporting-larger = Más grande
external-none = No hay participantes externos
external-none-text = Un tercero que toma parte en una tarea es un usuario «Externo».

# Roles
roles-failed = No se pudieron leer los roles
roles-none = No hay roles
roles-choose = Elija un rol
roles-choose-text = Verá qué permite, en cuatro niveles: la tarea, el trámite, los datos y cada dato.
role-new = Nuevo rol
role-make = Crear rol
role-name = Nombre
role-description = Descripción
role-key = Clave
role-key-hint = La auditoría lo nombra así; no cambia.
role-copy = Copiar
role-copy-of = Copia de { $name }
role-remove = Quitar rol
role-remove-text = «{ $name }» se quita a { $users ->
    [one] 1 usuario
   *[other] { $users } usuarios
} y { $groups ->
    [one] 1 grupo
   *[other] { $groups } grupos
}: en el momento dejan de poder lo que permite.
role-removed = Se quitó { $name }
role-saved = Se guardó { $name }, versión { $version }
role-unsaved = Sin guardar
role-version = Versión { $version }
role-fixed = Este rol puede todo y no se cambia: es la manera de volver a entrar. Cópielo para hacer uno parecido.
role-parts = Partes del rol
role-matrix = Permisos
role-holders = Quién lo tiene
role-versions = Versiones
role-about = Nombre y descripción
role-users = Usuarios
role-add-user = Darlo a un usuario
role-add-group = Darlo a un grupo
role-nobody = Nadie tiene este rol
role-nobody-text = Délo a un usuario, o a un grupo para todos sus integrantes.
role-holders-changed = Listo; vale desde ahora
role-sure-title = Qué cambia
role-sure = Guardar el cambio
role-sure-text = { $users ->
    [0] Nadie tiene este rol todavía.
    [one] 1 persona activa tiene este rol; vale desde el momento de guardar.
   *[other] { $users } personas activas tienen este rol; vale desde el momento de guardar.
}
role-sure-nothing = Nadie gana ni pierde nada: otros roles ya lo permiten o lo niegan.
role-effect-failed = No se pudo calcular a quién afecta
role-loses = Pierden ({ $count })
role-gains = Ganan ({ $count })
role-and-more = y { $count } más
role-versions-failed = No se pudieron leer las versiones
role-version-first = La primera versión
role-version-against = Versión { $version } frente a la { $before }
role-version-current = Vigente
role-version-restore = Volver a esta versión
role-version-restored = Los permisos son los de la versión { $version }; falta guardar
role-version-same = Los permisos no cambiaron
role-verb = Operación
role-before = Antes
role-after = Después

# Matrix
matrix-label = Permisos del rol
matrix-search = Buscar tarea, dato o campo
matrix-only-own = Sólo lo que dice este rol
matrix-what = Sobre qué
matrix-all-processes = Todas las tareas
matrix-all-activities = Todos los trámites
matrix-all-entities = Todos los datos
matrix-all-fields = Todos los campos
matrix-designed-fields = Campos del diseñador (todos)
matrix-no-verb = No se aplica
matrix-nothing = Nada
matrix-said-here = Dicho aquí
extent-all = Permitido
extent-some = Sólo algunos registros
extent-denied = Negado
extent-none = No permitido
verb-read = Ver
verb-create = Crear
verb-change = Cambiar
verb-delete = Borrar
verb-execute = Ejecutar
verb-export = Exportar
cell-label = Detalle del permiso
cell-choose = Elija una celda
cell-choose-text = Con las flechas se recorre; Espacio cambia; A permite, D niega, Supr hereda; Enter viene aquí.
cell-says = Este rol dice
cell-inherit = Hereda
cell-allow = Permite
cell-deny = Niega
cell-inherits = hereda
cell-allows = permite
cell-denies = niega
cell-if = si { $condition }
cell-up-to = hasta { $field } { $limit }
cell-within = en { $place }
cell-this = Aquí:
cell-no-grant = Ningún permiso lo alcanza: sin permiso, no se puede.
cell-add-rule = Agregar una regla
rule-allows = Regla { $number }: permite
rule-denies = Regla { $number }: niega
rule-remove = Quitar la regla
rule-always = En todos los registros. Sólo en…
rule-always-again = En todos
rule-only-if = Sólo si
rule-condition = Condición
rule-limit = Hasta un límite
rule-limit-hint = Por encima pide aprobación.
rule-no-limit = Sin límite
rule-at-most = Hasta
rule-within = Mientras trabaja en
rule-anywhere = Cualquier lugar
rule-activity = Trámite
preset-own = Los propios
preset-unit = Los de la propia unidad
preset-below = La propia unidad y las inferiores
preset-groups = Los de los propios grupos
preset-other = Otra condición
condition-all = Se cumplen todas
condition-any = Se cumple alguna
condition-how = Cómo se combinan
condition-and = y
condition-or = o
condition-not = no ({ $condition })
condition-always = siempre
condition-never = nunca
condition-equal = es
condition-not-equal = no es
condition-less = es menor que
condition-less-or-equal = es a lo sumo
condition-greater = es mayor que
condition-greater-or-equal = es al menos
condition-contains = contiene
condition-starts-with = empieza con
condition-one-of = es uno de
condition-nothing = (vacío)
condition-user = la propia persona
condition-unit = la propia unidad
condition-unit-and-below = la propia unidad o una inferior
condition-groups = uno de sus grupos
condition-field = Campo
condition-comparison = Comparación
condition-value = Valor
condition-add = Agregar condición
condition-add-group = Agregar grupo
condition-remove = Quitar condición

# What there is to be granted
grant-entity-approval = Aprobaciones
grant-entity-customer = Clientes
grant-entity-contact = Contactos
grant-entity-case = Casos
grant-entity-interaction = Atenciones
grant-entity-attachment = Adjuntos
grant-entity-history = Historia del cliente
grant-entity-work-item = Pendientes
grant-entity-instance = Tareas en curso
grant-entity-incident = Incidentes de tareas
grant-entity-view = Vistas guardadas
grant-entity-import = Importaciones
grant-entity-definition = Definiciones del diseñador
grant-entity-user = Usuarios
grant-entity-group = Grupos
grant-entity-unit = Unidades
grant-entity-position = Cargos
grant-entity-role = Roles
grant-entity-session = Sesiones
grant-entity-audit = Auditoría
grant-entity-setting = Parámetros
grant-field-activity = Trámite
grant-field-active = Activo
grant-field-address = Dirección
grant-field-at = Fecha y hora
grant-field-body = Contenido
grant-field-change = Cambio
grant-field-changed = Última modificación
grant-field-channel = Canal
grant-field-closed = Cierre
grant-field-created = Alta
grant-field-customer = Cliente
grant-field-description = Descripción
grant-field-details = Detalle
grant-field-direction = Sentido
grant-field-document = Documento
grant-field-due = Vencimiento
grant-field-duration = Duración
grant-field-email = Correo
grant-field-ended = Fin
grant-field-entity = Sobre qué
grant-field-filter = Filtro
grant-field-grants = Permisos
grant-field-group = Grupo
grant-field-groups = Grupos
grant-field-instance = Tarea en curso
grant-field-key = Clave
grant-field-kind = Tipo
grant-field-login = Usuario
grant-field-members = Integrantes
grant-field-message = Mensaje
grant-field-mobile = Móvil
grant-field-name = Nombre
grant-field-note = Nota
grant-field-opened = Apertura
grant-field-operation = Operación
grant-field-outcome = Resultado
grant-field-owner = Responsable
grant-field-parent = Unidad superior
grant-field-password = Contraseña
grant-field-phone = Teléfono
grant-field-position = Cargo
grant-field-priority = Prioridad
grant-field-process = Tarea
grant-field-role = Función
grant-field-roles = Roles
grant-field-rows = Filas
grant-field-second-factor = Segundo paso
grant-field-seen = Último uso
grant-field-segment = Segmento
grant-field-size = Tamaño
grant-field-started = Inicio
grant-field-state = Estado
grant-field-status = Estado
grant-field-summary = Resumen
grant-field-title = Título
grant-field-type = Tipo
grant-field-unit = Unidad
grant-field-user = Usuario
grant-field-value = Valor
grant-field-variables = Datos de la tarea
grant-field-version = Versión
organisation-example-users =
    usuario;nombre;correo;unidad;cargo;depende de;roles;grupos;activo
    ana.paz;Ana Paz;ana.paz@example.com;Ventas;Gerente;;supervisor;;sí
    beto.rios;Beto Ríos;beto.rios@example.com;Ventas;Ejecutivo;ana.paz;agent;;sí
organisation-example-units =
    unidad;depende de
    Empresa;
    Ventas;Empresa
    Ventas Sur;Ventas
organisation-example-positions =
    cargo
    Gerente
    Ejecutivo

user-source = Identidad
user-any-source = Toda identidad
user-source-password = Contraseña de aquí
user-source-ldap = LDAP
user-source-oidc = OpenID Connect
user-identity = Cómo entra
user-factor-since = Segundo paso desde { $when }
user-factor-awaited = Segundo paso: se le pedirá
user-factor-none = Sin segundo paso
user-factor-reset = Quitar el segundo paso
user-factor-reset-text = Para quien perdió su dispositivo: se terminan sus sesiones y, si su rol lo exige, registra otro al entrar.
user-factor-gone = Segundo paso quitado
user-factor-left = { $count ->
    [one] queda 1 código de recuperación
   *[other] quedan { $count } códigos de recuperación
}

user-work = Trabajo
user-skills = Habilidades
skills-text = Los trámites que se reparten por habilidad llegan a quien la tiene en el nivel pedido.
skills-none = Sin habilidades todavía
skills-saved = Habilidades guardadas
skills-failed = No se pudieron leer las habilidades
skill-new = Sumar una habilidad
skill-new-hint = Idioma, producto, certificación…
skill-new-named = Nueva: «{ $name }»
skill-level-of = Nivel de { $name }
