shell-open = Abrir Engage
shell-designer = Diseñador
shell-settings = Configuración
shell-quit = Salir
shell-unreachable = El servicio no responde. Compruebe la red y vuelva a intentarlo; lo que ya se guardó no se pierde.
shell-not-started = El servicio no pudo iniciarse: { $why }
