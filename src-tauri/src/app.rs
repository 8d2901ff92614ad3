//! The application: its plugins, its windows, its life.

use std::{process::ExitCode, sync::Arc};

use tauri::{App, AppHandle, Manager, RunEvent, WindowEvent};
use tauri_plugin_deep_link::DeepLinkExt;

use crate::{
    commands,
    events::{self, Message},
    graphics, language, link,
    listeners::Listeners,
    settings::Settings,
    shell::Shell,
    tray,
    windows::{self, Kind},
};

/// Runs until the last window is closed. The status is not 0 when the application could not start.
pub fn run() -> ExitCode {
    start_log();
    graphics::settle();
    let built = tauri::Builder::default()
        // First of all: a second start must end before it opens anything.
        .plugin(tauri_plugin_single_instance::init(|app, arguments, _| {
            let link = link::among(arguments.iter().map(String::as_str));
            show(app, link);
        }))
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_opener::init())
        .manage(Arc::<Shell>::default())
        .manage(Listeners::default())
        .invoke_handler(tauri::generate_handler![
            commands::call,
            commands::listen,
            commands::notify,
            commands::open_link,
            commands::open_window,
            commands::save,
            commands::session_state,
            commands::sign_in_elsewhere,
        ])
        .setup(set_up)
        .build(tauri::generate_context!());
    let app = match built {
        Ok(app) => app,
        Err(error) => {
            tracing::error!(%error, "the application could not start");
            return ExitCode::FAILURE;
        }
    };
    let status = app.run_return(|app, event| match event {
        RunEvent::WindowEvent {
            label,
            event: WindowEvent::Destroyed,
            ..
        } => app.state::<Listeners>().remove(&label),
        RunEvent::Exit => {
            let shell = Arc::clone(&app.state::<Arc<Shell>>());
            tauri::async_runtime::block_on(async move { shell.stop().await });
        }
        _ => {}
    });
    u8::try_from(status).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// To standard error, as `ENGAGE_LOG` says. A filter that cannot be read must not keep the window from opening.
fn start_log() {
    let asked = std::env::var("ENGAGE_LOG").unwrap_or_else(|_| "info".to_owned());
    let filter = tracing_subscriber::EnvFilter::try_new(&asked);
    let unreadable = filter.is_err();
    tracing_subscriber::fmt()
        .with_env_filter(filter.unwrap_or_else(|_| "info".into()))
        .with_writer(std::io::stderr)
        .init();
    if unreadable {
        tracing::warn!(asked, "ENGAGE_LOG cannot be read as a filter: `info` it is");
    }
}

fn set_up(app: &mut App) -> Result<(), Box<dyn std::error::Error>> {
    let file = app.path().app_config_dir()?.join("desktop.toml");
    let settings = Settings::load(&file, |name| std::env::var(name).ok());
    let data = app.path().app_local_data_dir()?;

    let shell = Arc::clone(&app.state::<Arc<Shell>>());
    let handle = app.handle().clone();
    tauri::async_runtime::spawn(async move {
        shell.start(settings, &data).await;
        let Ok(backend) = shell.backend().await else {
            return;
        };
        let session = shell.session().await;
        events::follow(backend, session, |message| {
            handle.state::<Listeners>().tell_all(&message);
            true
        })
        .await;
    });

    windows::open(app.handle(), Kind::Main)?;
    tray::show(app, language());

    // The link that started the application, and those that reach it while it runs (macOS); on Linux and Windows a
    // second start brings them.
    let link = app
        .deep_link()
        .get_current()
        .ok()
        .flatten()
        .and_then(|links| links.iter().find_map(|link| link::route(link.as_str())));
    if let Some(path) = link {
        app.state::<Listeners>().tell_main(Message::Open { path });
    }
    let handle = app.handle().clone();
    app.deep_link().on_open_url(move |event| {
        let urls = event.urls();
        show(
            &handle,
            urls.iter().find_map(|url| link::route(url.as_str())),
        );
    });
    Ok(())
}

/// Brings the main window to the front, at the place that a link names.
fn show(app: &AppHandle, path: Option<String>) {
    if let Err(error) = windows::open(app, Kind::Main) {
        tracing::warn!(%error, "the window did not open");
    }
    if let Some(path) = path {
        app.state::<Listeners>().tell_main(Message::Open { path });
    }
}
