//! The parts of the application that are fetched when a screen of theirs is first opened: `designer`, `settings`, `import`,
//! `operations` and `gallery`. What the agent's desk does not run is not in the program that the agent's desk waits for.
//!
//! `xtask ui` divides the compiled program at the functions that [`part!`] makes; what two parts share and the desk does not
//! becomes a piece of its own. `cargo xtask ui` prints the size of each.
//!
//! **To add a screen to a part**: a line in the part's list below, and `view=Fetched(NAME)` in its route. Nothing else of the
//! application may call into the part's screens, or they move into the desk's program: the sizes tell.

use std::pin::Pin;

use leptos::{prelude::*, wasm_split::SplitLoaderError};
use leptos_router::ChooseView;

use crate::{
    kit::{Failure, Icon},
    t,
};

type Arriving = Pin<Box<dyn Future<Output = Result<AnyView, SplitLoaderError>>>>;

/// A route's view that comes with its part.
#[derive(Clone, Copy)]
pub struct Fetched(pub fn() -> Arriving);

impl ChooseView for Fetched {
    async fn choose(self) -> AnyView {
        match (self.0)().await {
            Ok(view) => view,
            // Offline, or a newer version of the product took the place of the one that is running here.
            Err(_) => view! {
                <div class="frame-wait">
                    <Failure
                        title=t!("part-missing")
                        text=t!("part-missing-text")
                        icon=Icon::WifiOff
                        on_retry=|| { let _ = window().location().reload(); }
                    />
                </div>
            }
            .into_any(),
        }
    }

    async fn preload(&self) {}
}

macro_rules! part {
    ($part:ident: $($name:ident = $view:path,)+) => {
        $(
            pub fn $name() -> Arriving {
                #[leptos::wasm_split::wasm_split($part, wasm_split_path = ::leptos::wasm_split, fallible)]
                fn $name() -> Result<AnyView, SplitLoaderError> {
                    Ok($view().into_any())
                }
                Box::pin($name())
            }
        )+
    };
}

part! { designer:
    definitions = crate::designer::Definitions,
    definition = crate::designer::DefinitionPage,
}

part! { import:
    imports = crate::import::Imports,
    one_import = crate::import::ImportPage,
}

part! { operations:
    operations = crate::operations::Operations,
}

part! { settings:
    settings = crate::settings::Settings,
    first_section = crate::settings::FirstSection,
    organisation = crate::settings::organisation::OrganisationPage,
    users = crate::settings::users::UsersPage,
    groups = crate::settings::groups::GroupsPage,
    roles = crate::settings::roles::RolesPage,
    sessions = crate::settings::sessions::SessionsPage,
    sign_in_rules = crate::sign_in::SignInRules,
    audit = crate::settings::audit::AuditPage,
    lens = crate::settings::lens::LensPage,
}

part! { gallery:
    gallery = crate::gallery::Gallery,
}
