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

# Shared
settings-take-out = Take { $name } out
settings-more = Show more
settings-undo = Undo
settings-redo = Redo
settings-yes = Yes
settings-no = No
settings-undo-changes = Discard changes
settings-conflict = Somebody else saved while you were editing:
settings-conflict-theirs = Take what was saved
settings-conflict-mine = Keep mine
settings-conflict-hidden = something changed that is not in sight

# Users
user-search = Search by name or login
user-new = New user
user-make = Create user
user-made = { $name } was created
user-saved = { $name } was saved
user-failed = The user could not be opened
user-parts = Parts of the user
user-data = Details
user-permissions = Permissions
user-permissions-failed = The permissions could not be read
user-name = Name
user-login = Login
user-mail = E-mail
user-state = State
user-kind = Belonging
user-kind-hint = An external participant takes part in some processes and sees only their part.
user-person = Of the organisation
user-external = External
user-unit = Unit
user-position = Position
user-manager = Reports to
user-role = Role
user-any-role = Any role
user-any-kind = Internal and external
user-any-unit = Any unit
user-actives = Active
user-inactives = Inactive
user-everybody = Everybody
user-active = Active
user-inactive = Inactive
user-locked = Locked out
user-locked-until = Locked out by wrong passwords until { $time }.
user-release = Release
user-released = They can try again now
user-add-role = Give a role
user-add-group = Add to a group
user-roles-hint = Roles that come through a group are under “Permissions”.
user-password = Password
user-password-hint = Changed at the first sign-in. Without one they cannot sign in until they get one.
user-set-password = Set password
user-password-text = Their open sessions end. Tell them the password by a safe way.
user-password-set = The password was set
user-must-change = Must be changed at the next sign-in
user-activate = Activate
user-deactivate = Deactivate
user-deactivate-title = Deactivate the user
user-deactivate-text = { $name } will not be able to sign in, and their open sessions end at once. What they did stays.
user-holds = Roles held
user-holds-none = Holds no role
user-holds-none-text = Without roles they may do nothing. Give one under “Details” or add them to a group.
user-through = through { $groups }
users-none = No such users
users-none-text = Change the search or the filters.

# Groups
group-new = New group
group-make = Create group
group-search = Search groups
group-name = Name
group-key = Key
group-key-hint = Processes name it by this; it does not change later.
group-description = Description
group-saved = { $name } was saved
group-remove = Remove group
group-removed = { $name } was removed
group-remove-text = “{ $name }” goes, and { $count ->
    [one] its member loses
   *[other] its { $count } members lose
} it with the roles that come through it.
group-members = Members ({ $count })
group-add-member = Add a member
group-inbox = Inbox
group-waiting = { $count ->
    [0] No work items wait
    [one] 1 work item waits
   *[other] { $count } work items wait
}
group-overdue = { $count ->
    [one] 1 overdue
   *[other] { $count } overdue
}
group-roles = Roles that it gives
group-no-roles = It gives no role.
group-used = Where it is used
group-not-used = No published process names it.
group-assigned = Works on it
group-escalated = Receives the escalation
groups-failed = The groups could not be read
groups-none = No such groups
groups-none-text = A group shares an inbox. Create the first, or change the search.

# Sessions
session-search = Search by name
session-user = User
session-device = Device
session-web = Browser
session-desktop = Desktop
session-api = Other system
session-address = Address
session-since = Since
session-seen = Last used
session-this = This session
session-end = End
session-ended = The session ended
session-locked = { $name } ({ $login }) is locked out until { $time }: { $tries } tries with a wrong password.
sessions-failed = The sessions could not be read
sessions-none = No open sessions
sessions-end-all = End all
sessions-end-all-text = The user is signed out of all devices at once. What was not saved stays on their screen until they sign in again.
sessions-ended = { $count ->
    [0] There were no open sessions
    [one] 1 session ended
   *[other] { $count } sessions ended
}

# Organisation
organisation-units = Units
organisation-reporting = Who reports to whom
organisation-positions = Positions
organisation-external = External participants
organisation-import = Import CSV
organisation-other-file = Another file
organisation-bring = Import all
organisation-brought = Imported: { $created } new, { $changed } changed
organisation-drop = Drop a CSV file here
organisation-drop-hint = Of users, units or positions: the headings in the first row say which. UTF-8, up to 4 MB and 5,000 rows.
organisation-too-large = The file is larger than 4 MB. Split it.
organisation-example = Example file:
organisation-example-save = Download
organisation-would = { $created } new, { $changed } changed, { $unchanged } the same.
organisation-wrong = { $count ->
    [one] There is 1 problem
   *[other] There are { $count } problems
}. While there are any nothing is kept: correct the file and bring it again.
organisation-rejects = Download rejects
organisation-value = Value
organisation-creates = New
organisation-changes = Changes
organisation-same = Same
unit-search = Search units
unit-new = New unit
unit-new-top = New at the top
unit-new-below = Below { $name }.
unit-new-at-top = At the top of the organisation.
unit-make = Create unit
unit-name = Name
unit-parent = Stands below
unit-top = (top)
unit-saved = { $name } was saved
unit-moved = { $name } now stands below { $into }
unit-taken = { $name }: choose where and press Ctrl+V
unit-not-below-itself = A unit cannot stand below its own branch
unit-drop-top = Drop here to bring it to the top
unit-with-below = { $count } with those below
unit-users = Users
unit-nobody = No users in this unit.
unit-remove = Remove unit
unit-remove-title = Remove “{ $name }”
unit-remove-empty = It has no users and no units below.
unit-remove-hangs = { $users ->
    [one] 1 user
   *[other] { $users } users
}, { $units ->
    [one] 1 unit
   *[other] { $units } units
} and { $customers ->
    [one] 1 customer
   *[other] { $customers } customers
} hang on it. They go to another before it is removed; whoever sees by unit sees them there. Customers that go to the top belong to no unit.
unit-remove-into = They go to
unit-removed = { $name } was removed
units-failed = The units could not be read
units-none = No units yet
units-none-text = Draw the organisation: create the first unit and hang the others on it, or import it from a CSV file.
position-new = New position
position-add = Add
position-name = Position
position-saved = { $name } was saved
position-remove = Remove position
position-used = Users have this position
positions-failed = The positions could not be read
positions-none = No positions yet
positions-none-text = A position says what a person is; what they may do their roles say.
reporting-failed = The reporting lines could not be read
reporting-none = No users
reporting-no-lines = Nobody reports to anybody yet. Choose “Reports to” in each user, or import it from a CSV file.
reporting-alone = Without a reporting line
reporting-below = { $count ->
    [one] 1 person reports to them
   *[other] { $count } people report to them
}
reporting-smaller = Smaller
reporting-larger = Larger
external-none = No external participants
external-none-text = A third party who takes part in a process is an “External” user.

# Roles
roles-failed = The roles could not be read
roles-none = No roles
roles-choose = Choose a role
roles-choose-text = You will see what it permits, in four depths: the process, its activity, the data and each field.
role-new = New role
role-make = Create role
role-name = Name
role-description = Description
role-key = Key
role-key-hint = The audit trail names it so; it does not change.
role-copy = Copy
role-copy-of = Copy of { $name }
role-remove = Remove role
role-remove-text = “{ $name }” is taken from { $users ->
    [one] 1 user
   *[other] { $users } users
} and { $groups ->
    [one] 1 group
   *[other] { $groups } groups
}: at once they may no longer do what it permits.
role-removed = { $name } was removed
role-saved = { $name } was saved, version { $version }
role-unsaved = Not saved
role-version = Version { $version }
role-fixed = This role may do everything and does not change: it is the way back in. Copy it to make one like it.
role-parts = Parts of the role
role-matrix = Permissions
role-holders = Who holds it
role-versions = Versions
role-about = Name and description
role-users = Users
role-add-user = Give it to a user
role-add-group = Give it to a group
role-nobody = Nobody holds this role
role-nobody-text = Give it to a user, or to a group for all its members.
role-holders-changed = Done; in force from now on
role-sure-title = What changes
role-sure = Save the change
role-sure-text = { $users ->
    [0] Nobody holds this role yet.
    [one] 1 active person holds this role; in force as soon as it is saved.
   *[other] { $users } active people hold this role; in force as soon as it is saved.
}
role-sure-nothing = Nobody gains or loses anything: other roles permit or deny it already.
role-effect-failed = Whom it affects could not be worked out
role-loses = Lost ({ $count })
role-gains = Gained ({ $count })
role-and-more = and { $count } more
role-versions-failed = The versions could not be read
role-version-first = The first version
role-version-against = Version { $version } against { $before }
role-version-current = In force
role-version-restore = Go back to this version
role-version-restored = The permissions are those of version { $version }; save them to put them in force
role-version-same = The permissions did not change
role-verb = Operation
role-before = Before
role-after = After

# Matrix
matrix-label = Permissions of the role
matrix-search = Search processes, data or fields
matrix-only-own = Only what this role says
matrix-what = On what
matrix-all-processes = All processes
matrix-all-activities = All activities
matrix-all-entities = All data
matrix-all-fields = All fields
matrix-designed-fields = Designed fields (all)
matrix-no-verb = Does not apply
matrix-nothing = Nothing
matrix-said-here = Said here
extent-all = Permitted
extent-some = Only some records
extent-denied = Denied
extent-none = Not permitted
verb-read = Read
verb-create = Create
verb-change = Change
verb-delete = Delete
verb-execute = Execute
verb-export = Export
cell-label = Details of the permission
cell-choose = Choose a cell
cell-choose-text = Arrows move; Space steps; A allows, D denies, Delete inherits; Enter comes here.
cell-says = This role says
cell-inherit = Inherit
cell-allow = Allow
cell-deny = Deny
cell-inherits = inherits
cell-allows = allows
cell-denies = denies
cell-if = if { $condition }
cell-up-to = up to { $field } { $limit }
cell-within = in { $place }
cell-this = Here:
cell-no-grant = No grant reaches it: without one it is not permitted.
cell-add-rule = Add a rule
rule-allows = Rule { $number }: allows
rule-denies = Rule { $number }: denies
rule-remove = Remove the rule
rule-always = On all records. Only on…
rule-always-again = On all
rule-only-if = Only if
rule-condition = Condition
rule-limit = Up to a limit
rule-limit-hint = Above it, approval is asked for.
rule-no-limit = No limit
rule-at-most = At most
rule-within = While working in
rule-anywhere = Anywhere
rule-activity = Activity
preset-own = One's own
preset-unit = Those of one's own unit
preset-below = One's own unit and below
preset-groups = Those of one's own groups
preset-other = Another condition
condition-all = All hold
condition-any = One holds
condition-how = How they combine
condition-and = and
condition-or = or
condition-not = not ({ $condition })
condition-always = always
condition-never = never
condition-equal = is
condition-not-equal = is not
condition-less = is less than
condition-less-or-equal = is at most
condition-greater = is greater than
condition-greater-or-equal = is at least
condition-contains = contains
condition-starts-with = begins with
condition-one-of = is one of
condition-nothing = (empty)
condition-user = the person themself
condition-unit = their own unit
condition-unit-and-below = their own unit or one below
condition-groups = one of their groups
condition-field = Field
condition-comparison = Comparison
condition-value = Value
condition-add = Add a condition
condition-add-group = Add a group
condition-remove = Remove the condition

# What there is to be granted
grant-entity-approval = Approvals
grant-entity-customer = Customers
grant-entity-contact = Contacts
grant-entity-case = Cases
grant-entity-interaction = Interactions
grant-entity-attachment = Attachments
grant-entity-history = Customer history
grant-entity-work-item = Work items
grant-entity-instance = Running processes
grant-entity-incident = Process incidents
grant-entity-view = Saved views
grant-entity-import = Imports
grant-entity-definition = Designer's definitions
grant-entity-user = Users
grant-entity-group = Groups
grant-entity-unit = Units
grant-entity-position = Positions
grant-entity-role = Roles
grant-entity-session = Sessions
grant-entity-audit = Audit trail
grant-entity-setting = Settings
grant-field-activity = Activity
grant-field-active = Active
grant-field-address = Address
grant-field-at = Date and time
grant-field-body = Content
grant-field-change = Change
grant-field-changed = Last change
grant-field-channel = Channel
grant-field-closed = Closed
grant-field-created = Created
grant-field-customer = Customer
grant-field-description = Description
grant-field-details = Details
grant-field-direction = Direction
grant-field-document = Document
grant-field-due = Due
grant-field-duration = Duration
grant-field-email = E-mail
grant-field-ended = Ended
grant-field-entity = Entity
grant-field-filter = Filter
grant-field-grants = Grants
grant-field-group = Group
grant-field-groups = Groups
grant-field-instance = Running process
grant-field-key = Key
grant-field-kind = Kind
grant-field-login = Login
grant-field-members = Members
grant-field-message = Message
grant-field-mobile = Mobile
grant-field-name = Name
grant-field-note = Note
grant-field-opened = Opened
grant-field-operation = Operation
grant-field-outcome = Outcome
grant-field-owner = Owner
grant-field-parent = Unit above
grant-field-password = Password
grant-field-phone = Phone
grant-field-position = Position
grant-field-priority = Priority
grant-field-process = Process
grant-field-role = Function
grant-field-roles = Roles
grant-field-rows = Rows
grant-field-second-factor = Second step
grant-field-seen = Last used
grant-field-segment = Segment
grant-field-size = Size
grant-field-started = Started
grant-field-state = State
grant-field-status = Status
grant-field-summary = Summary
grant-field-title = Title
grant-field-type = Type
grant-field-unit = Unit
grant-field-user = User
grant-field-value = Value
grant-field-variables = Process data
grant-field-version = Version
organisation-example-users =
    login,name,email,unit,position,reports to,roles,groups,active
    ana.paz,Ana Paz,ana.paz@example.com,Sales,Manager,,supervisor,,yes
    beto.rios,Beto Ríos,beto.rios@example.com,Sales,Executive,ana.paz,agent,,yes
organisation-example-units =
    unit,parent
    Company,
    Sales,Company
    Sales South,Sales
organisation-example-positions =
    position
    Manager
    Executive

user-source = Identity
user-any-source = Any identity
user-source-password = Password kept here
user-source-ldap = LDAP
user-source-oidc = OpenID Connect
user-identity = How they sign in
user-factor-since = Second step since { $when }
user-factor-awaited = Second step: will be asked for
user-factor-none = No second step
user-factor-reset = Remove the second step
user-factor-reset-text = For whoever has lost their device: their sessions end and, where their role asks for it, they enrol another one when signing in.
user-factor-gone = Second step removed
user-factor-left = { $count ->
    [one] 1 recovery code left
   *[other] { $count } recovery codes left
}

user-work = Work
user-skills = Skills
skills-text = Activities that are handed out by skill go to whoever has it at the level that is asked for.
skills-none = No skills yet
skills-saved = Skills saved
skills-failed = The skills could not be read
skill-new = Add a skill
skill-new-hint = Language, product, certificate…
skill-new-named = New: “{ $name }”
skill-level-of = Level of { $name }
