settings-administrator = Administrador
settings-demo-agent = Atiende clientes
settings-demo-back-office = Analiza y resuelve reclamos y solicitudes
settings-demo-supervisor = Recibe lo que escala y reasigna
settings-demo-designer = Define procesos, formularios y tipos de cliente
settings-demo-administrator = Administra usuarios, roles y permisos
