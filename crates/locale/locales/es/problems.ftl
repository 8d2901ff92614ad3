problem-required = Falta completarlo.
problem-unknown-field = No hay un campo con este nombre.
problem-not-searchable = Por este campo no se puede buscar.
problem-key-form = Use minúsculas, cifras y guiones bajos; debe empezar con una letra.
problem-kind-in-document = Este tipo de dato no puede guardarse en la ficha.
problem-database-url = Escriba sqlite:RUTA o postgres://usuario@servidor/base.
