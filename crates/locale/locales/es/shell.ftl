shell-open = Abrir Engage
shell-designer = Diseñador
shell-settings = Configuración
shell-quit = Salir
shell-unreachable = El servicio no responde. Compruebe la red y vuelva a intentarlo; lo que ya se guardó no se pierde.
shell-not-started = El servicio no pudo iniciarse: { $why }

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
