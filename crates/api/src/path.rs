//! Where everything is. The constants are the service's templates; the functions fill them in for clients.

use kernel::Id;

use crate::of;

macro_rules! paths {
    ($($(#[$doc:meta])* $constant:ident = $template:literal;)*) => { $($(#[$doc])* pub const $constant: &str = $template;)* };
}

paths! {
    /// GET, without a session: [`Welcome`](crate::session::Welcome).
    WELCOME = "/api/v1/welcome";
    /// POST, without a session: [`SetUp`](crate::session::SetUp).
    SET_UP = "/api/v1/set-up";
    /// POST signs in, GET tells who one is, DELETE signs out.
    SESSION = "/api/v1/session";
    /// GET lists one's own sessions, DELETE ends all of them.
    SESSIONS = "/api/v1/sessions";
    /// DELETE
    SESSION_ONE = "/api/v1/sessions/{id}";
    /// GET [`SecondFactor`](crate::session::SecondFactor), POST begins enrolment, PUT confirms it, DELETE takes it away.
    SECOND_FACTOR = "/api/v1/session/second-factor";
    /// POST: fresh recovery codes.
    RECOVERY_CODES = "/api/v1/session/second-factor/recovery-codes";
    /// POST, without a session: begins a sign-in through the identity provider.
    PROVIDER_BEGIN = "/api/v1/session/provider/begin";
    /// POST, without a session: ends it.
    PROVIDER_FINISH = "/api/v1/session/provider/finish";
    /// GET, DELETE (an administrator's reset)
    USER_SECOND_FACTOR = "/api/v1/users/{id}/second-factor";
    /// GET, PUT [`SignInPolicy`](crate::session::SignInPolicy)
    SIGN_IN_POLICY = "/api/v1/sign-in-policy";
    /// PUT
    PASSWORD = "/api/v1/session/password";
    /// PUT
    PREFERENCES = "/api/v1/session/preferences";
    /// GET, `text/event-stream`; resumes after `last-event-id`.
    EVENTS = "/api/v1/events";

    /// GET [`ListUsers`](crate::directory::ListUsers), POST
    USERS = "/api/v1/users";
    /// GET, PUT the whole, PATCH a part
    USER = "/api/v1/users/{id}";
    /// PUT [`SetPassword`](crate::directory::SetPassword)
    USER_PASSWORD = "/api/v1/users/{id}/password";
    /// DELETE releases it.
    USER_LOCK_OUT = "/api/v1/users/{id}/lock-out";
    /// GET lists, DELETE ends all of them.
    USER_SESSIONS = "/api/v1/users/{id}/sessions";
    /// PUT [`SaveManager`](crate::organisation::SaveManager)
    USER_MANAGER = "/api/v1/users/{id}/manager";
    /// GET: [`EffectivePermissions`](crate::roles::EffectivePermissions)
    USER_PERMISSIONS = "/api/v1/users/{id}/permissions";
    /// GET, POST
    GROUPS = "/api/v1/groups";
    /// GET, PUT, DELETE (`?version=`)
    GROUP = "/api/v1/groups/{key}";
    /// PUT, DELETE
    GROUP_MEMBER = "/api/v1/groups/{key}/members/{id}";
    /// GET, POST
    ROLES = "/api/v1/roles";
    /// GET, PUT, DELETE (`?version=`)
    ROLE = "/api/v1/roles/{key}";
    /// GET: newest first.
    ROLE_VERSIONS = "/api/v1/roles/{key}/versions";
    /// POST [`ProposedGrants`](crate::roles::ProposedGrants): [`RoleEffect`](crate::roles::RoleEffect); nothing is kept.
    ROLE_EFFECT = "/api/v1/roles/{key}/effect";
    /// PUT gives it, DELETE takes it away.
    ROLE_USER = "/api/v1/roles/{key}/users/{id}";
    /// PUT gives it, DELETE takes it away.
    ROLE_GROUP = "/api/v1/roles/{key}/groups/{group}";
    /// GET: [`GrantCatalogue`](crate::roles::GrantCatalogue)
    GRANT_CATALOGUE = "/api/v1/grant-catalogue";
    /// GET `?limit=&cursor=`, POST
    UNITS = "/api/v1/units";
    /// PUT, DELETE (`?version=&into=`: what hangs on it goes to that unit, or to the top with `into=`)
    UNIT = "/api/v1/units/{id}";
    /// GET: [`UnitDependants`](crate::organisation::UnitDependants)
    UNIT_DEPENDANTS = "/api/v1/units/{id}/dependants";
    /// GET `?limit=&cursor=`, POST
    POSITIONS = "/api/v1/positions";
    /// PUT, DELETE (`?version=`)
    POSITION = "/api/v1/positions/{id}";
    /// GET `?limit=&cursor=`: [`ReportingLine`](crate::organisation::ReportingLine)
    REPORTING = "/api/v1/reporting-lines";
    /// POST [`OrganisationFile`](crate::organisation::OrganisationFile): what it would do; nothing is kept.
    ORGANISATION_PREVIEW = "/api/v1/organisation-import/preview";
    /// POST [`OrganisationFile`](crate::organisation::OrganisationFile): all of it or nothing.
    ORGANISATION_IMPORT = "/api/v1/organisation-import";
    /// GET `?q=&limit=&cursor=`: everybody's, newest first.
    OPEN_SESSIONS = "/api/v1/open-sessions";
    /// DELETE
    OPEN_SESSION = "/api/v1/open-sessions/{id}";
    /// GET
    LOCK_OUTS = "/api/v1/lock-outs";

    /// GET `?kind=&q=&limit=&cursor=`, POST
    DEFINITIONS = "/api/v1/definitions";
    /// GET, DELETE (a draft that was never published)
    DEFINITION = "/api/v1/definitions/{kind}/{key}";
    /// PUT saves it, DELETE throws it away.
    DRAFT = "/api/v1/definitions/{kind}/{key}/draft";
    /// POST
    PUBLISH = "/api/v1/definitions/{kind}/{key}/publish";
    /// GET: the body of a published version.
    VERSION = "/api/v1/definitions/{kind}/{key}/versions/{version}";
    /// GET `?from=&to=`
    DIFFERENCE = "/api/v1/definitions/{kind}/{key}/difference";
    /// POST [`CopyDefinition`](crate::definitions::CopyDefinition)
    COPY = "/api/v1/definitions/{kind}/{key}/copy";
    /// POST a BPMN 2.0 file (`application/xml`), `?file=&key=`: becomes the draft of a process.
    IMPORT_PROCESS = "/api/v1/definitions/process/import";
    /// POST a DMN file (`application/xml`), `?file=&key=`: becomes the draft of a decision.
    IMPORT_DECISION = "/api/v1/definitions/decision/import";
    /// GET: [`GroupReach`](crate::definitions::GroupReach) of each group, for the checks of the Designer.
    REACH = "/api/v1/reach";
    /// GET: published customer types, as everybody who serves customers needs them.
    CUSTOMER_TYPES = "/api/v1/customer-types";

    /// POST `/search` lists, POST creates.
    CUSTOMERS = "/api/v1/customers";
    /// POST [`ListCustomers`](crate::customers::ListCustomers)
    CUSTOMERS_SEARCH = "/api/v1/customers/search";
    /// POST [`ListCustomers`](crate::customers::ListCustomers) with `offset`: [`CustomerWindow`](crate::customers::CustomerWindow)
    CUSTOMERS_WINDOW = "/api/v1/customers/window";
    /// POST [`ExportCustomers`](crate::customers::ExportCustomers): a file, as a stream.
    CUSTOMERS_EXPORT = "/api/v1/customers/export";
    /// POST [`Suggest`](crate::customers::Suggest)
    CUSTOMERS_SUGGEST = "/api/v1/customers/suggest";
    /// GET, PATCH, DELETE
    CUSTOMER = "/api/v1/customers/{id}";
    /// GET [`AskKeepers`](crate::customers::AskKeepers): at most 50 people or units to whom it could be given.
    CUSTOMER_KEEPERS = "/api/v1/customers/{id}/keepers";
    /// GET `?limit=&cursor=`
    CUSTOMER_HISTORY = "/api/v1/customers/{id}/history";
    /// GET, POST
    CUSTOMER_CONTACTS = "/api/v1/customers/{id}/contacts";
    /// PUT, DELETE
    CUSTOMER_CONTACT = "/api/v1/customers/{id}/contacts/{contact}";
    /// GET: running and ended instances of this customer.
    CUSTOMER_INSTANCES = "/api/v1/customers/{id}/instances";
    /// GET: processes that may be started for this customer.
    CUSTOMER_STARTABLE = "/api/v1/customers/{id}/startable";

    /// GET lists; POST uploads (`text/csv`, `?name=`), as a stream.
    IMPORTS = "/api/v1/imports";
    /// GET
    IMPORT = "/api/v1/imports/{id}";
    /// POST [`ImportPlan`](crate::imports::ImportPlan): [`Preview`](crate::imports::Preview); nothing is kept.
    IMPORT_PREVIEW = "/api/v1/imports/{id}/preview";
    /// PUT [`ImportPlan`](crate::imports::ImportPlan)
    IMPORT_PLAN = "/api/v1/imports/{id}/plan";
    /// GET [`AskKeepers`](crate::customers::AskKeepers): [`Keeper`](crate::customers::Keeper)s for the plan's owner and unit.
    IMPORT_KEEPERS = "/api/v1/imports/{id}/keepers";
    /// POST
    IMPORT_START = "/api/v1/imports/{id}/start";
    /// POST
    IMPORT_CANCEL = "/api/v1/imports/{id}/cancel";
    /// POST
    IMPORT_UNDO = "/api/v1/imports/{id}/undo";
    /// GET `?after=` (a row number): up to 500 rows.
    IMPORT_REJECTS = "/api/v1/imports/{id}/rejects";
    /// GET `?after=` (a row number): customers whom an undo kept.
    IMPORT_KEPT = "/api/v1/imports/{id}/kept";
    /// GET, CSV: the rows as they came with row number, column and reason before them.
    IMPORT_REJECTS_FILE = "/api/v1/imports/{id}/rejects.csv";

    /// POST starts one.
    INSTANCES = "/api/v1/instances";
    /// GET, DELETE (cancels it, `?reason=`)
    INSTANCE = "/api/v1/instances/{id}";
    /// GET: what operating it wants to know: [`Operation`](crate::engine::Operation).
    INSTANCE_OPERATION = "/api/v1/instances/{id}/operation";
    /// GET `?to=`: whether it could be moved; POST [`MoveInstance`](crate::engine::MoveInstance).
    INSTANCE_MOVES = "/api/v1/instances/{id}/moves";
    /// DELETE: takes the move back.
    INSTANCE_MOVE = "/api/v1/instances/{id}/moves/{move}";
    /// POST [`ModifyInstance`](crate::engine::ModifyInstance)
    INSTANCE_CHANGES = "/api/v1/instances/{id}/changes";
    /// GET: [`Budget`](crate::engine::Budget)s with their ledgers.
    INSTANCE_BUDGETS = "/api/v1/instances/{id}/budgets";
    /// POST [`PauseWorkItem`](crate::engine::PauseWorkItem), DELETE `?version=`: goes on.
    WORK_ITEM_PAUSE = "/api/v1/work-items/{id}/pause";
    /// GET, PUT: [`Skill`](crate::engine::Skill)s
    USER_SKILLS = "/api/v1/users/{id}/skills";
    /// GET: [`KnownSkill`](crate::engine::KnownSkill)s
    SKILLS = "/api/v1/skills";
    /// GET, PUT [`Deputy`](crate::engine::Deputy), DELETE
    USER_DEPUTY = "/api/v1/users/{id}/deputy";
    /// GET `?q=`: who could stand in
    USER_DEPUTIES = "/api/v1/users/{id}/deputies";
    /// POST [`MoveInstances`](crate::engine::MoveInstances) `?limit=&cursor=`: a verdict per instance; nothing is written.
    MOVES_PREVIEW = "/api/v1/moves/preview";
    /// POST [`MoveInstances`](crate::engine::MoveInstances): becomes an order for many.
    MOVES = "/api/v1/moves";
    /// GET: the last hundred orders for many.
    BULKS = "/api/v1/bulks";
    /// GET, DELETE (calls it off)
    BULK = "/api/v1/bulks/{id}";
    /// GET `?limit=&cursor=`: those that were not done, and why.
    BULK_RESULTS = "/api/v1/bulks/{id}/results";
    /// GET lists what is kept, POST [`PublishMessage`](crate::engine::PublishMessage).
    MESSAGES = "/api/v1/messages";
    /// DELETE
    MESSAGE = "/api/v1/messages/{id}";
    /// POST [`PublishSignal`](crate::engine::PublishSignal)
    SIGNALS = "/api/v1/signals";
    /// POST [`EvaluateStarts`](crate::engine::EvaluateStarts): the instances that begin.
    CONDITIONS = "/api/v1/conditions";
    /// GET [`ListIncidents`](crate::engine::ListIncidents)
    INCIDENTS = "/api/v1/incidents";
    /// GET: open ones by cause.
    INCIDENT_GROUPS = "/api/v1/incidents/groups";
    /// POST [`RetryIncidents`](crate::engine::RetryIncidents): becomes an order for many.
    INCIDENTS_RETRY = "/api/v1/incidents/retry";
    /// POST [`AcceptIncident`](crate::engine::AcceptIncident)
    INCIDENT_ACCEPT = "/api/v1/incidents/{id}/accept";
    /// GET `?limit=&cursor=`
    DEAD_LETTERS = "/api/v1/dead-letters";
    /// POST [`Requeue`](crate::engine::Requeue): [`Requeued`](crate::engine::Requeued)
    DEAD_LETTERS_REQUEUE = "/api/v1/dead-letters/requeue";
    /// GET [`InboxQuery`](crate::work::InboxQuery)
    WORK_ITEMS = "/api/v1/work-items";
    /// GET [`InboxCounts`](crate::work::InboxCounts)
    WORK_ITEMS_COUNTS = "/api/v1/work-items/counts";
    /// GET
    WORK_ITEM = "/api/v1/work-items/{id}";
    /// POST
    WORK_ITEM_COMPLETE = "/api/v1/work-items/{id}/complete";
    /// POST [`RaiseException`](crate::work::RaiseException): [`Completed`](crate::work::Completed)
    WORK_ITEM_EXCEPTION = "/api/v1/work-items/{id}/exception";
    /// POST [`BeginActivity`](crate::work::BeginActivity)
    INSTANCE_ACTIVITIES = "/api/v1/instances/{id}/activities";
    /// POST claims or hands over, DELETE gives it back to the group.
    WORK_ITEM_ASSIGNEE = "/api/v1/work-items/{id}/assignee";

    /// GET [`ListApprovals`](crate::approvals::ListApprovals), POST [`AskApproval`](crate::approvals::AskApproval)
    APPROVALS = "/api/v1/approvals";
    /// GET; POST [`DecideApproval`](crate::approvals::DecideApproval); DELETE takes one's own back.
    APPROVAL = "/api/v1/approvals/{id}";

    /// GET [`AuditQuery`](crate::audit::AuditQuery): [`AuditPage`](crate::audit::AuditPage)
    AUDIT = "/api/v1/audit";
    /// GET [`AuditQuery`](crate::audit::AuditQuery): [`AuditFacets`](crate::audit::AuditFacets)
    AUDIT_FACETS = "/api/v1/audit/facets";
    /// GET: [`AuditEntry`](crate::audit::AuditEntry); the id is `lane-number`.
    AUDIT_ENTRY = "/api/v1/audit/entries/{id}";
    /// GET [`AuditQuery`](crate::audit::AuditQuery) with `format`: a file, as a stream.
    AUDIT_EXPORT = "/api/v1/audit/export";
    /// GET, PUT [`SetAuditLevel`](crate::audit::SetAuditLevel)
    AUDIT_LEVELS = "/api/v1/audit/levels";
    /// GET `?at=`: [`Past`](crate::audit::Past)
    AUDIT_PAST = "/api/v1/audit/past/{entity}/{id}";
    /// GET: [`AuditState`](crate::audit::AuditState). POST begins a check of the whole trail.
    AUDIT_STATE = "/api/v1/audit/state";

    /// POST [`Look`](crate::lens::Look) begins to look as a user: [`Seen`](crate::lens::Seen); DELETE ends it (`?user=`).
    LENS = "/api/v1/lens";
    /// GET: [`Things`](crate::lens::Things)
    LENS_THINGS = "/api/v1/lens/things";
    /// GET [`WhyQuery`](crate::lens::WhyQuery): [`Hidden`](crate::lens::Hidden)
    LENS_WHY = "/api/v1/lens/users/{id}/why";
    /// GET [`RightsQuery`](crate::lens::RightsQuery): a page of [`Answer`](crate::lens::Answer), or a file
    LENS_RIGHTS = "/api/v1/lens/users/{id}/rights";
    /// GET [`WhoQuery`](crate::lens::WhoQuery): a page of [`WhoLine`](crate::lens::WhoLine), or a file
    LENS_WHO = "/api/v1/lens/who";

    /// GET: the OpenAPI document.
    OPENAPI = "/api/v1/openapi.json";
    /// GET: 200 while the service works, 503 while it does not.
    HEALTH = "/health";
    /// GET: Prometheus text.
    METRICS = "/metrics";
}

/// Fills the template's `{…}` in order. Values are percent-encoded (RFC 3986 §2.3 unreserved characters stay).
pub fn fill(template: &str, values: &[&str]) -> String {
    let mut filled = String::with_capacity(template.len() + 36);
    let mut rest = template;
    let mut values = values.iter();
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (_, after) = after.split_once('}').unwrap_or(("", after));
        encode(values.next().unwrap_or(&""), &mut filled);
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// Percent-encodes a value for a path segment or a query.
pub fn encode(value: &str, into: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.push(char::from(b"0123456789ABCDEF"[usize::from(byte >> 4)]));
            into.push(char::from(b"0123456789ABCDEF"[usize::from(byte & 15)]));
        }
    }
}

/// Asked with a body, for what is asked may be about people and must not stand in an address that gets logged, or is too much
/// for one; they read all the same.
pub const READING: [&str; 5] = [
    CUSTOMERS_EXPORT,
    CUSTOMERS_SEARCH,
    CUSTOMERS_WINDOW,
    CUSTOMERS_SUGGEST,
    MOVES_PREVIEW,
];

pub fn customer(id: Id<of::Customer>) -> String {
    fill(CUSTOMER, &[&id.to_string()])
}
pub fn customer_history(id: Id<of::Customer>) -> String {
    fill(CUSTOMER_HISTORY, &[&id.to_string()])
}
pub fn instance(id: Id<of::Instance>) -> String {
    fill(INSTANCE, &[&id.to_string()])
}
pub fn work_item(id: Id<of::WorkItem>) -> String {
    fill(WORK_ITEM, &[&id.to_string()])
}
pub fn work_item_complete(id: Id<of::WorkItem>) -> String {
    fill(WORK_ITEM_COMPLETE, &[&id.to_string()])
}
pub fn work_item_exception(id: Id<of::WorkItem>) -> String {
    fill(WORK_ITEM_EXCEPTION, &[&id.to_string()])
}
pub fn work_item_assignee(id: Id<of::WorkItem>) -> String {
    fill(WORK_ITEM_ASSIGNEE, &[&id.to_string()])
}
pub fn definition(kind: &str, key: &str) -> String {
    fill(DEFINITION, &[kind, key])
}
pub fn import(id: Id<of::Import>) -> String {
    fill(IMPORT, &[&id.to_string()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_leave_their_place() {
        assert_eq!(
            definition("process", "a/b?c"),
            "/api/v1/definitions/process/a%2Fb%3Fc"
        );
        assert_eq!(
            fill(VERSION, &["form", "é", "3"]),
            "/api/v1/definitions/form/%C3%A9/versions/3"
        );
    }
}
