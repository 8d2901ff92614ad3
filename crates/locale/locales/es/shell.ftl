shell-open = Abrir Engage
shell-designer = Diseñador
shell-settings = Configuración
shell-quit = Salir
shell-unreachable = El servicio no responde. Compruebe la red y vuelva a intentarlo; lo que ya se guardó no se pierde.
shell-not-started = El servicio no pudo iniciarse: { $why }
shell-settings-unreadable = El archivo { $file } no se puede leer ({ $why }). Corrija sus permisos o quítelo, y abra Engage otra vez.
shell-settings-malformed = El archivo { $file } no se entiende en la línea { $line } ({ $why }). Corríjala o quite el archivo, y abra Engage otra vez.
shell-settings-misspelt = En el archivo { $file }, la clave «{ $key }» no existe; ¿quiso decir «{ $meant }»? Corríjala y abra Engage otra vez.
shell-settings-unknown = En el archivo { $file }, la clave «{ $key }» no existe; las que hay son { $keys }. Quítela y abra Engage otra vez.
shell-settings-folder = { $place } debe ser una carpeta, entre comillas. Corríjalo y abra Engage otra vez.
shell-settings-flag = { $place } debe ser true o false. Corríjalo y abra Engage otra vez.
shell-settings-address = { $place } no sirve como dirección del servicio: «{ $address }». Debe comenzar con https:// (http:// sólo si el servicio está en esta misma computadora). Corríjala y abra Engage otra vez.
shell-data-failed = No se pudieron abrir los datos de la carpeta { $data }. Compruebe que existe, que usted puede escribir en ella y que el disco está sano. Si el archivo está dañado, reponga su última copia de seguridad. Después abra Engage otra vez. (Detalle: { $why })
shell-data-refused = { $why } Los datos están en { $data }; cuando esté resuelto, abra Engage otra vez.

deputy-menu = Mi suplente
deputy-title = Mi suplente
deputy-title-other = Suplente
deputy-own-text = Mientras no esté, lo que llegue para sus clientes va a esta persona en los trámites que se reparten a quien atiende al cliente o a su suplente.
deputy-text = Mientras falte, lo que llegue para sus clientes va a esta persona en los trámites que se reparten a quien atiende al cliente o a su suplente.
deputy-who = Quién lo suple
deputy-nobody = Nadie
deputy-from = Desde
deputy-until = Hasta
deputy-until-hint = Ese día todavía lo suple.
deputy-choose = Elija a la persona.
deputy-day = Falta el día.
deputy-ends-first = No puede ser antes del { $day }.
deputy-saved = Suplente guardado
deputy-gone = Ya no tiene suplente
deputy-take-away = Quitar al suplente
deputy-failed = No se pudo leer quién lo suple
deputy-now = Lo suple hasta el { $day }
deputy-coming = Lo suple desde el { $day }
deputy-over = Lo suplió hasta el { $day }
skill-level-1 = 1 · Principiante
skill-level-2 = 2 · Básico
skill-level-3 = 3 · Bueno
skill-level-4 = 4 · Muy bueno
skill-level-5 = 5 · Experto
skill-people = { $count ->
    [0] nadie la tiene todavía
    [one] { $count } persona
   *[other] { $count } personas
}
