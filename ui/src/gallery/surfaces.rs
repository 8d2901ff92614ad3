use leptos::prelude::*;

use super::Part;
use crate::kit::{
    Avatar, Badge, Button, Count, Dialog, Drawer, EmptyState, Failure, Field, FileDrop, Icon, Look,
    Menu, MenuItem, Notice, Progress, Side, Skeleton, Tab, Tabs, TextInput, Tone, toast,
    toast_with,
};

fn nothing() {}

#[component]
pub fn Surfaces() -> impl IntoView {
    let tab = RwSignal::new("facts".to_owned());
    let menu = RwSignal::new(false);
    let dialog = RwSignal::new(false);
    let drawer = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let items = Signal::stored(vec![
        MenuItem::act("Iniciar tarea", Icon::Play, nothing).with_key("T"),
        MenuItem::act("Enviar a otro grupo", Icon::Transfer, nothing).with_key("E"),
        MenuItem::Line,
        MenuItem::Group(Signal::stored("Orden".to_owned())),
        MenuItem::choose("Por vencimiento", true, nothing),
        MenuItem::choose("Por llegada", false, nothing),
        MenuItem::Line,
        MenuItem::act("Cancelar tarea", Icon::CircleX, nothing).dangerous(),
    ]);
    view! {
        <Part name="Tabs">
            <Tabs
                chosen=tab
                label="Partes del cliente"
                tabs=vec![
                    Tab::new("facts", "Datos"),
                    Tab::new("work", "Tareas en curso").counting(Signal::stored(Some(3))),
                    Tab::new("history", "Historia").counting(Signal::stored(Some(1_204))),
                    Tab::new("contacts", "Contactos"),
                ]
            />
        </Part>
        <Part name="Menu">
            <Menu open=menu items=items label="Acciones" side=Side::Below>
                <Button label="Acciones" icon=Icon::ChevronDown on_press=move || menu.update(|open| *open = !*open) />
            </Menu>
        </Part>
        <Part name="Dialog and drawer">
            <div class="row">
                <Button label="Abrir diálogo" on_press=move || dialog.set(true) />
                <Button label="Abrir cajón" on_press=move || drawer.set(true) />
            </div>
            <Dialog
                open=dialog
                id="gallery-dialog"
                title="¿Cancelar la tarea «Reclamo por facturación»?"
                actions=move || {
                    view! {
                        <Button label="Seguir con la tarea" on_press=move || dialog.set(false) />
                        <Button label="Cancelar tarea" look=Look::Danger on_press=move || dialog.set(false) />
                    }
                }
            >
                <div class="stack">
                    <p>"Hay un pendiente abierto en el grupo Facturación. Se cerrará sin resultado y quedará en la historia."</p>
                    <Field label="Motivo" required=true><TextInput value=reason focus=true /></Field>
                </div>
            </Dialog>
            <Drawer open=drawer title="Contacto">
                <div class="stack">
                    <Field label="Nombre"><TextInput value=reason /></Field>
                    <Field label="Teléfono"><TextInput value=reason /></Field>
                </div>
            </Drawer>
        </Part>
        <Part name="Toast">
            <div class="row">
                <Button label="Salió bien" on_press=move || toast("Atención cerrada con resultado «Resuelto»") />
                <Button
                    label="Con acción"
                    on_press=move || toast_with("Pendiente enviado a Facturación", Tone::Info, Some(("Deshacer".to_owned(), Callback::new(|()| ()))))
                />
                <Button
                    label="Falló"
                    on_press=move || toast_with("No se guardó: el servicio no responde. Lo escrito sigue aquí.", Tone::Danger, None)
                />
            </div>
        </Part>
        <Part name="Badge, count, avatar">
            <div class="row">
                <Badge label="Cerrado" /> <Badge label="Abierto" tone=Tone::Info /> <Badge label="VIP" tone=Tone::Accent icon=Icon::Star />
                <Badge label="Al día" tone=Tone::Success icon=Icon::Check /> <Badge label="Vence hoy" tone=Tone::Warning icon=Icon::Clock />
                <Badge label="Vencido" tone=Tone::Danger icon=Icon::TriangleAlert />
            </div>
            <div class="row">
                <Count count=3_u64 /> <Count count=12_480_u64 tone=Tone::Accent /> <Count count=7_u64 tone=Tone::Danger />
                <Avatar name="Bera, Cynthia" /> <Avatar name="Ñandú & Hijos" large=true />
            </div>
        </Part>
        <Part name="Notice">
            <Notice text="Este pendiente lo tiene abierto Pedro Lamas desde las 10:12." />
            <Notice text="Hay un borrador sin enviar de ayer 18:40." tone=Tone::Warning>
                <Button label="Recuperar" look=Look::Quiet on_press=nothing />
            </Notice>
            <Notice text="Otra persona cerró este pendiente con resultado «Resuelto». Lo que escribió no se envió." tone=Tone::Danger />
            <Notice text="La lista quedó importada: 9.874 clientes." tone=Tone::Success />
        </Part>
        <Part name="Skeleton"><div class="surface"><Skeleton lines=3 /></div></Part>
        <Part name="Empty state">
            <div class="surface">
                <EmptyState icon=Icon::Inbox title="No hay pendientes" text="Cuando llegue uno para usted o sus grupos aparecerá aquí, sin recargar.">
                    <Button label="Buscar un cliente" key="Ctrl+K" on_press=nothing />
                </EmptyState>
            </div>
        </Part>
        <Part name="Error state">
            <div class="surface">
                <Failure
                    title="No se pudo traer la historia"
                    text="El servicio no responde. Lo que ya está en pantalla sigue sirviendo."
                    details="503 unavailable · pedido 7f3a"
                    on_retry=nothing
                />
            </div>
        </Part>
        <Part name="No permission">
            <div class="surface">
                <Failure title="No tiene permiso para ver los casos" text="Pida a su administrador el permiso «Casos › ver»." icon=Icon::Lock />
            </div>
        </Part>
        <Part name="Progress">
            <Progress label="Importando clientes_sucio.csv" done=Some(0.42) />
            <Progress label="Leyendo el archivo" done=None />
            <Progress label="Importado" done=Some(1.0) tone=Tone::Success />
        </Part>
        <Part name="File drop">
            <FileDrop label="Arrastre la lista aquí" hint="CSV o Excel, hasta 100 MB" accept=".csv" on_file=refuse />
        </Part>
    }
}

/// The gallery takes a file and lets it go.
fn refuse(file: send_wrapper::SendWrapper<web_sys::File>) {
    toast_with(
        format!("{} · {}", file.name(), crate::format::bytes(file.size())),
        Tone::Info,
        None,
    );
}
