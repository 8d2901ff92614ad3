error-malformed = No se pudo leer el pedido.
error-invalid = Hay datos por corregir.
error-unauthenticated = Inicie sesión para continuar.
error-session-expired = La sesión terminó. Inicie sesión otra vez; lo que escribió sigue aquí.
error-wrong-credentials = El usuario o la contraseña no son correctos.
error-second-factor-required = Falta el código del segundo paso.
error-first-password-over = Esta contraseña provisional valía { $days } días. Pida una nueva a un administrador.
error-unfinished = Antes de seguir, complete lo que su cuenta pide: una contraseña propia o el segundo paso.
error-directory-unavailable = El directorio de la empresa no responde en este momento. Vuelva a intentarlo en un minuto.
error-throttled = Demasiados intentos. Pruebe de nuevo en { $seconds ->
    [one] 1 segundo
   *[other] { $seconds } segundos
}.
error-forbidden = No tiene permiso para esto. Pídalo a quien administra la seguridad.
error-needs-approval = { $value } supera su límite de { $limit }. Pida una aprobación.
error-not-found = No se encontró: { $what }. Puede que ya no exista o que usted no tenga acceso.
error-stale = Otra persona lo cambió mientras usted lo miraba. Vuelva a abrirlo y repita el cambio.
error-already-closed = { $who } ya cerró este pendiente.
error-already-claimed = { $who } ya tomó este pendiente.
error-duplicate = Ya existe uno con ese valor.
error-wrong-state = Su estado actual ({ $state }) no lo permite.
error-not-awaited = Nadie espera el mensaje «{ $name }». Indique cuánto tiempo debe guardarse si alguien puede esperarlo más tarde.
error-already-done = Esto ya se hizo; actualice la pantalla para ver el resultado.
error-idempotency-mismatch = La misma clave de repetición llegó con otro pedido. Vuelva a intentarlo con una clave nueva.
error-too-large = Es demasiado grande: el límite es { $limit }.
error-unsupported-media = Este tipo de contenido no se puede leer aquí.
error-bad-definition = La definición tiene problemas; están en la lista.
error-no-route = Esa dirección no existe.
error-method-not-allowed = Esa dirección no acepta este método.
error-unavailable = La base de datos no responde en este momento. No se perdió nada; vuelva a intentarlo.
error-storage-full = No queda espacio en disco. No se guardó nada; libere espacio y repita.
error-timeout = Tardó demasiado y se detuvo. Vuelva a intentarlo.
error-internal = Falló algo de nuestro lado. Quedó registrado con el número { $request }.

noun-customer = el cliente
noun-contact = el contacto
noun-work-item = el pendiente
noun-instance = la tarea en curso
noun-definition = la definición
noun-import = la importación
noun-user = el usuario
noun-group = el grupo
noun-unit = la unidad
noun-role = el rol
noun-session = la sesión
noun-version = la versión
noun-form = el formulario
noun-process = la tarea
noun-customer-type = el tipo de cliente
noun-calendar = el calendario
noun-decision = la decisión
noun-position = el cargo
noun-audit = la auditoría
noun-record = el registro
noun-approval = la aprobación
noun-lens = la lente de seguridad

