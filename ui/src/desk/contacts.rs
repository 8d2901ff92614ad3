use api::{
    customers::{ChangeContact, Contact, ContactValues},
    path,
};
use leptos::prelude::*;

use crate::{
    kit::{
        Button, Drawer, EmptyState, Field, Icon, IconButton, Look, Notice, TextArea, TextInput,
        Tone, toast, toast_with,
    },
    loaded::Loaded,
    problem::Problem,
    t, tr, transport,
};

/// The people who represent the customer: listed, registered on the spot, changed.
#[component]
pub fn Contacts(customer: String) -> impl IntoView {
    let address = StoredValue::new(path::fill(path::CUSTOMER_CONTACTS, &[&customer]));
    let customer = StoredValue::new(customer);
    let contacts = Loaded::new(move || async move {
        transport::get::<Vec<Contact>>(&address.get_value(), &[]).await
    });
    let open = RwSignal::new(false);
    let edited = RwSignal::new(None::<Contact>);
    let begin = move |contact: Option<Contact>| {
        edited.set(contact);
        open.set(true);
    };
    let remove = move |contact: Contact| {
        let path = path::fill(
            path::CUSTOMER_CONTACT,
            &[&customer.get_value(), &contact.id.to_string()],
        );
        leptos::task::spawn_local(async move {
            match transport::delete(&path, &[("version", contact.version.to_string())]).await {
                Ok(()) => toast(t!(
                    "contact-removed",
                    name = if contact.masked.iter().any(|field| field == "name") {
                        t!("contact-name-hidden")
                    } else {
                        contact.values.name
                    }
                )),
                Err(problem) => toast_with(problem.sentence, Tone::Danger, None),
            }
            contacts.again();
        });
    };
    view! {
        <div class="contacts">
            {contacts
                .view(
                    4,
                    || t!("contacts-failed"),
                    move || {
                        move || {
                            let all = contacts.get().unwrap_or_default();
                            if all.is_empty() {
                                return view! {
                                    <EmptyState icon=Icon::Person title=tr!("contacts-none") text=Signal::derive(|| t!("contacts-none-text"))>
                                        <Button label=tr!("contact-add") icon=Icon::UserPlus on_press=move || begin(None) />
                                    </EmptyState>
                                }
                                    .into_any();
                            }
                            view! {
                                <table class="table">
                                    <thead>
                                        <tr>
                                            <th>{tr!("contact-name")}</th>
                                            <th>{tr!("contact-role")}</th>
                                            <th>{tr!("contact-phone")}</th>
                                            <th>{tr!("contact-mail")}</th>
                                            <th class="table-end">
                                                <Button label=tr!("contact-add") icon=Icon::UserPlus look=Look::Quiet on_press=move || begin(None) />
                                            </th>
                                        </tr>
                                    </thead>
                                    <tbody>
                                        {all
                                            .into_iter()
                                            .map(|contact| {
                                                let (changed, removed) = (contact.clone(), contact.clone());
                                                let hidden = contact.masked.iter().any(|field| field == "name");
                                                let name = if hidden { t!("contact-name-hidden") } else { contact.values.name };
                                                view! {
                                                    <tr>
                                                        <td class=if hidden { "muted" } else { "strong" }>{name}</td>
                                                        <td>{contact.values.role}</td>
                                                        <td class="figures">
                                                            {contact.values.mobile.or(contact.values.phone)}
                                                        </td>
                                                        <td>{contact.values.email}</td>
                                                        <td class="table-end">
                                                            <IconButton icon=Icon::Pencil label=tr!("contact-edit") on_press=move || begin(Some(changed.clone())) />
                                                            <IconButton icon=Icon::Trash label=tr!("contact-remove") on_press=move || remove(removed.clone()) />
                                                        </td>
                                                    </tr>
                                                }
                                            })
                                            .collect_view()}
                                    </tbody>
                                </table>
                            }
                                .into_any()
                        }
                    },
                )}
            <Drawer open=open title=move || if edited.with(Option::is_some) { t!("contact-edit") } else { t!("contact-add") }>
                {move || {
                    view! {
                        <Editor
                            customer=customer.get_value()
                            contact=edited.get()
                            on_saved=move || {
                                open.set(false);
                                contacts.again();
                            }
                        />
                    }
                }}
            </Drawer>
        </div>
    }
}

#[component]
fn Editor(
    customer: String,
    contact: Option<Contact>,
    #[prop(into)] on_saved: Callback<()>,
) -> impl IntoView {
    let known = contact
        .as_ref()
        .map(|contact| contact.values.clone())
        .unwrap_or_default();
    let masked = contact
        .as_ref()
        .map(|contact| contact.masked.clone())
        .unwrap_or_default();
    let shown = move |field: &str| !masked.iter().any(|one| one == field);
    let named = shown("name");
    let text = |value: Option<String>| RwSignal::new(value.unwrap_or_default());
    let name = text(Some(known.name));
    let role = text(known.role);
    let document = text(known.document);
    let phone = text(known.phone);
    let mobile = text(known.mobile);
    let email = text(known.email);
    let note = text(known.note);
    let busy = RwSignal::new(false);
    let tried = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let said = move |field: &'static str| {
        Signal::derive(move || {
            problem.with(|problem| {
                problem
                    .as_ref()
                    .and_then(|problem| problem.fields.get(field).cloned())
            })
        })
    };
    let name_error = Signal::derive(move || {
        (named && tried.get() && name.with(|name| name.trim().is_empty()))
            .then(|| t!("contact-name-needed"))
            .or_else(|| said("name").get())
    });
    let send = move || {
        tried.set(true);
        if (named && name.with_untracked(|name| name.trim().is_empty())) || busy.get_untracked() {
            return;
        }
        let filled = |value: RwSignal<String>| {
            Some(value.get_untracked().trim().to_owned()).filter(|text| !text.is_empty())
        };
        let values = ContactValues {
            name: name.get_untracked().trim().to_owned(),
            role: filled(role),
            document: filled(document),
            email: filled(email),
            phone: filled(phone),
            mobile: filled(mobile),
            note: filled(note),
        };
        let known = contact
            .as_ref()
            .map(|contact| (contact.id.to_string(), contact.version));
        let customer = customer.clone();
        busy.set(true);
        leptos::task::spawn_local(async move {
            let answer: Result<serde_json::Value, Problem> = match known {
                Some((id, version)) => {
                    let change = ChangeContact {
                        version,
                        values: values.clone(),
                    };
                    transport::put(
                        &path::fill(path::CUSTOMER_CONTACT, &[&customer, &id]),
                        &change,
                    )
                    .await
                }
                None => {
                    transport::post(&path::fill(path::CUSTOMER_CONTACTS, &[&customer]), &values)
                        .await
                }
            };
            busy.try_set(false);
            match answer {
                Ok(_) => {
                    let name = if named {
                        values.name
                    } else {
                        t!("contact-name-hidden")
                    };
                    toast(t!("contact-saved", name = name));
                    on_saved.run(());
                }
                Err(wrong) => {
                    problem.try_set(Some(wrong));
                }
            }
        });
    };
    view! {
        <form
            class="stack"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            {named.then(|| view! { <Field label=tr!("contact-name") required=true error=name_error id="contact-name"><TextInput value=name focus=true /></Field> })}
            {shown("role").then(|| view! { <Field label=tr!("contact-role") hint=tr!("contact-role-hint") error=said("role")><TextInput value=role /></Field> })}
            {shown("mobile").then(|| view! { <Field label=tr!("contact-mobile") error=said("mobile")><TextInput value=mobile kind="tel" icon=Icon::Sms /></Field> })}
            {shown("phone").then(|| view! { <Field label=tr!("contact-phone") error=said("phone")><TextInput value=phone kind="tel" icon=Icon::Phone /></Field> })}
            {shown("email").then(|| view! { <Field label=tr!("contact-mail") error=said("email")><TextInput value=email kind="email" icon=Icon::Mail /></Field> })}
            {shown("document").then(|| view! { <Field label=tr!("contact-document") error=said("document")><TextInput value=document /></Field> })}
            {shown("note").then(|| view! { <Field label=tr!("contact-note") error=said("note")><TextArea value=note rows=2 /></Field> })}
            {move || {
                problem
                    .get()
                    .filter(|problem| problem.fields.is_empty())
                    .map(|problem| view! { <Notice text=problem.sentence tone=Tone::Danger /> })
            }}
            <Button label=tr!("contact-save") look=Look::Primary submit=true busy=busy id="contact-save" on_press=|| () />
        </form>
    }
}
