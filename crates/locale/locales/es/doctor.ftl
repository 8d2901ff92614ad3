command-failed = No se pudo hacer: { $why }

doctor-sound = bien
doctor-note = aviso
doctor-wrong = MAL
doctor-path = { $path }
doctor-why = { $why }

doctor-what-data-folder = Carpeta de datos
doctor-what-room = Espacio libre
doctor-what-checkpoints = Puntos de control
doctor-what-database = Base de datos
doctor-what-clock = Reloj
doctor-what-secrets-key = Clave de secretos
doctor-what-wall = Segundo muro
doctor-what-audit-key = Clave de auditoría
doctor-what-metrics-token = Clave de métricas
doctor-what-leaked-passwords = Contraseñas filtradas
doctor-what-ldap = Directorio (LDAP)
doctor-what-provider = Proveedor de identidad
doctor-what-web-agent = Agente web
doctor-what-connection = Conexión
doctor-what-listen = Puerto

doctor-folder-absent = { $path } todavía no existe; la crea el primer arranque.
doctor-room = { $mib } MiB
doctor-room-unknown = En este sistema no se puede saber cuánto hay.

doctor-database-absent = { $path } todavía no existe; la crea «migrate» o el primer arranque.
doctor-database-current = { $kind } responde y su esquema es el de esta versión.
doctor-database-empty = { $kind } responde y está vacía; «migrate» o el primer arranque ejecuta { $count ->
    [one] 1 migración
   *[other] { $count } migraciones
}.
doctor-database-behind = { $kind } responde; { $count ->
    [one] falta 1 migración
   *[other] faltan { $count } migraciones
}, la primera es «{ $first }». Las ejecuta «migrate» o el próximo arranque: haga antes una copia de seguridad.
doctor-database-newer = { $kind } responde y ya pasó por ella una versión más nueva de Engage (migración { $version }). Instale esa versión; esta no arranca sobre ella.
doctor-database-altered = { $kind } responde, y su migración { $version } quedó a medias o no es la que tiene esta versión. Recupere una copia de seguridad.

doctor-clock-apart = El reloj de esta máquina y el de la base de datos difieren en { $seconds } s. Ponga los dos en hora por NTP.
doctor-clock-behind = El reloj de esta máquina está { $seconds } s por detrás del último registro de auditoría ({ $at }). Lo atrasaron, o antes iba adelantado. Póngalo en hora por NTP.
doctor-clock-agrees = Coincide con el de la base de datos, con { $millis } ms de diferencia.
doctor-clock-after-trail = Es posterior al último registro de auditoría.
doctor-clock-unknown = Todavía no hay con qué compararlo.

doctor-key-absent = { $path } todavía no existe; la crea el primer arranque.
doctor-audit-key-signs = Firma como { $key }.
doctor-secrets-key-opens = Abre lo que guarda la base de datos.
doctor-secrets-key-ready = Está lista; todavía no hay nada sellado con ella.
doctor-secrets-key-other = { $path } no es la clave con la que están sellados los secretos de esta base de datos. Vuelva a poner la clave de la instalación.
problem-file-open-to-all = Cualquiera en esta máquina puede leer el archivo (modo { $mode }). Quíteles el permiso: chmod 600.

doctor-wall-file = SQLite no tiene roles: el archivo es solo de este proceso.
doctor-wall-stands = La seguridad por filas está en pie.
doctor-wall-missing = No están los dos roles engage_walled y engage_reader. Como superusuario: CREATE ROLE engage_walled NOLOGIN; CREATE ROLE engage_reader NOLOGIN; GRANT engage_walled, engage_reader TO el rol del servicio. Después ejecute de nuevo las sentencias de las migraciones 0011_wall y 0015_reader.

doctor-ldap-answers = { $url } responde y { $base } existe.
doctor-provider-answers = { $issuer } responde con { $keys ->
    [one] 1 clave
   *[other] { $keys } claves
}. Debe permitir la vuelta a { $back }.

doctor-web-agent-absent = No se encontraron sus archivos: solo responde la API.
doctor-web-agent-empty = En { $path } no hay index.html.

doctor-connection-here = Al puerto solo llega esta máquina.
doctor-connection-proxy = Al puerto llegan otras máquinas; la cookie de la sesión viaja solo por TLS.
doctor-connection-plain = Al puerto llegan otras máquinas, y la cookie de la sesión viaja también sin cifrar. Ponga delante un proxy con TLS y quite «secure_cookies = false».
doctor-connection-no-proxy = Al puerto llegan otras máquinas y no se nombró ningún proxy. Si hay uno delante con TLS, nómbrelo en «trusted_proxies»: si no, todos los que llegan por él cuentan como uno.

doctor-listen-free = { $address } está libre.
doctor-listen-ours = En { $address } ya responde un nodo de Engage.
doctor-listen-taken = Otro programa ocupa { $address }. Deténgalo o elija otro puerto en «listen».
