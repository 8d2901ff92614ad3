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
