use api::{
    directory::{SetPassword, UserLine},
    path,
};
use leptos::prelude::*;

use crate::{
    kit::{Button, Checkbox, Dialog, Field, Look, TextInput, toast},
    loaded::Loaded,
    problem::Problem,
    settings::parts::{Refusal, at_field},
    t, tr, transport,
};

/// Gives a user a password that they change at the next sign-in, unless the administrator says otherwise.
#[component]
pub fn PasswordDialog(
    open: RwSignal<bool>,
    user: Loaded<UserLine>,
    #[prop(into)] on_set: Callback<(UserLine,)>,
) -> impl IntoView {
    let password = RwSignal::new(String::new());
    let must_change = RwSignal::new(true);
    let problem = RwSignal::new(None::<Problem>);
    let busy = RwSignal::new(false);
    let set = move || {
        let Some(user) = user.get_untracked() else {
            return;
        };
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let wanted = SetPassword {
            password: password.get_untracked(),
            must_change: must_change.get_untracked(),
        };
        let address = path::fill(path::USER_PASSWORD, &[&user.id.to_string()]);
        leptos::task::spawn_local(async move {
            let answer: Result<UserLine, Problem> = transport::put(&address, &wanted).await;
            busy.try_set(false);
            match answer {
                Ok(line) => {
                    password.try_set(String::new());
                    open.try_set(false);
                    toast(t!("user-password-set"));
                    on_set.try_run((line,));
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    view! {
        <Dialog
            open=open
            title=tr!("user-set-password")
            actions=ViewFn::from(move || {
                view! {
                    <Button label=tr!("kit-cancel") on_press=move || open.set(false) />
                    <Button
                        id="user-password-set"
                        label=tr!("user-set-password")
                        look=Look::Primary
                        busy=busy
                        disabled=Signal::derive(move || password.with(String::is_empty))
                        on_press=set
                    />
                }
            })
        >
            <div class="stack">
                <p>{tr!("user-password-text")}</p>
                <Field id="user-password-new" label=tr!("user-password") required=true error=at_field(problem, "password")>
                    <TextInput value=password kind="password" autocomplete="new-password" focus=true on_enter=set />
                </Field>
                <Checkbox value=must_change label=tr!("user-must-change") />
                <Refusal problem=problem fields=&["password"] />
            </div>
        </Dialog>
    }
}
