settings-administrator = Administrator
settings-demo-agent = Serves customers
settings-demo-back-office = Analyses and solves claims and applications
settings-demo-supervisor = Receives what escalates and reassigns
settings-demo-designer = Defines processes, forms and customer types
settings-demo-administrator = Administers users, roles and permissions
