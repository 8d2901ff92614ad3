settings-administrator = Administrator
settings-demo-agent = Serves customers
settings-demo-back-office = Analyses and solves claims and applications
settings-demo-supervisor = Receives what escalates and reassigns
settings-demo-designer = Defines processes, forms and customer types
settings-demo-administrator = Administers users, roles and permissions

# The window
place-settings = Settings
settings-sections = Sections of the settings
settings-people = People
settings-permissions = Permissions
settings-watch = Oversight
settings-organisation = Organisation
settings-users = Users
settings-groups = Groups
settings-roles = Roles
settings-lens = Security lens
settings-sessions = Sessions
settings-audit = Audit
settings-nothing = Nothing to set up
settings-nothing-text = Your role does not administer users, permissions or the audit trail. If you need to, ask an administrator.
settings-reject-row = Row
settings-reject-column = Column
settings-reject-reason = Reason
