use leptos::prelude::*;

use super::Part;
use crate::kit::{
    Button, Checkbox, Choice, Combobox, DateField, Drawn, Field, Icon, IconButton, Look,
    NumberField, RadioGroup, Segments, Select, Switch, TextArea, TextInput,
};

fn nothing() {}

fn people() -> Vec<Choice> {
    [
        "Bera, Cynthia",
        "Pérez Núñez, Agustín",
        "Ñandú & Hijos S.R.L.",
        "Quispe Mamani, María del Carmen",
    ]
    .into_iter()
    .enumerate()
    .map(|(at, name)| Choice::new(at.to_string(), name).with_hint(format!("2{at}-3044{at}128-7")))
    .chain((4..400).map(|at| Choice::new(at.to_string(), format!("Cliente número {at}"))))
    .collect()
}

#[component]
pub fn Values() -> impl IntoView {
    let text = RwSignal::new("Av. Corrientes 1234, 5.º B".to_owned());
    let wrong = RwSignal::new("cynthia.bera".to_owned());
    let secret = RwSignal::new("correcto caballo".to_owned());
    let search = RwSignal::new("bera".to_owned());
    let note = RwSignal::new(
        "Pide que la llamen después de las 18. No dejar mensaje en el contestador.".to_owned(),
    );
    let person = RwSignal::new("0".to_owned());
    let day = RwSignal::new("2026-11-21".to_owned());
    let amount = RwSignal::new("1514.00".to_owned());
    let (on, off) = (RwSignal::new(true), RwSignal::new(false));
    let kind = RwSignal::new("phone".to_owned());
    let channels = Signal::stored(vec![
        Choice::new("phone", "Teléfono"),
        Choice::new("mail", "Correo electrónico").with_hint("Respuesta en 24 h"),
        Choice::new("chat", "Chat"),
    ]);
    let pressed = RwSignal::new(true);
    let view = RwSignal::new("mine".to_owned());
    view! {
        <Part name="Button">
            <div class="row">
                <Button label="Cerrar atención" look=Look::Primary key="Ctrl+↵" on_press=nothing />
                <Button label="Guardar" icon=Icon::Save on_press=nothing />
                <Button label="Ver más" look=Look::Quiet icon=Icon::Ellipsis on_press=nothing />
                <Button label="Eliminar lista" look=Look::Danger icon=Icon::Trash on_press=nothing />
            </div>
            <div class="row">
                <Button label="Cerrar atención" look=Look::Primary disabled=true on_press=nothing />
                <Button label="Guardar" icon=Icon::Save disabled=true on_press=nothing />
                <Button label="Guardando" look=Look::Primary busy=true on_press=nothing />
                <Button label="Grande" large=true on_press=nothing />
            </div>
        </Part>
        <Part name="Icon button">
            <div class="row">
                <IconButton icon=Icon::Bell label="Avisos" key="G" on_press=nothing />
                <IconButton icon=Icon::Star label="Destacar" pressed=Signal::from(pressed) on_press=move || pressed.update(|on| *on = !*on) />
                <IconButton icon=Icon::Trash label="Eliminar" disabled=true on_press=nothing />
                <IconButton icon=Icon::X label="Cerrar" small=true on_press=nothing />
            </div>
        </Part>
        <Part name="Segments">
            <Segments
                label="Vista"
                value=view
                options=Signal::stored(
                    vec![
                        Choice::new("mine", "Míos").with_hint("12"),
                        Choice::new("group", "Del grupo").with_hint("240"),
                        Choice::new("all", "Todos"),
                    ],
                )
                on_change=move |chosen: String| view.set(chosen)
            />
        </Part>
        <Part name="Field">
            <Field label="Domicilio" hint="Calle, número, piso y departamento">
                <TextInput value=text />
            </Field>
            <Field label="Correo electrónico" required=true error=Signal::stored(Some("Falta la arroba: escríbalo como nombre@dominio.com".to_owned()))>
                <TextInput value=wrong kind="email" />
            </Field>
            <Field label="Sólo lectura"><TextInput value=text read_only=true icon=Icon::Lock /></Field>
            <Field label="Sin permiso para cambiarlo"><TextInput value=text disabled=true /></Field>
            <Field label="Contraseña"><TextInput value=secret kind="password" /></Field>
            <TextInput value=search kind="search" icon=Icon::Search label="Buscar" placeholder="Nombre, teléfono o documento" />
            <Field label="Observaciones"><TextArea value=note /></Field>
        </Part>
        <Part name="Select and combobox">
            <Field label="Canal"><Select value=kind options=channels none="Elija un canal" /></Field>
            <Field label="Cliente" hint="Nombre o documento">
                <Combobox value=person options=Signal::stored(people()) placeholder="Escriba para buscar" />
            </Field>
            <Field label="Cliente" error=Signal::stored(Some("Elija un cliente de la lista".to_owned()))>
                <Combobox value=RwSignal::new(String::new()) options=Signal::stored(people()) placeholder="Escriba para buscar" />
            </Field>
        </Part>
        <Part name="Date, number, amount">
            <Field label="Fecha de alta"><DateField value=day /></Field>
            <Field label="Vencimiento" error=Signal::stored(Some("No es una fecha: escriba día/mes/año".to_owned()))>
                <DateField value=RwSignal::new(String::new()) />
            </Field>
            <Field label="Saldo"><NumberField value=amount decimals=2 unit="ARS" /></Field>
            <Field label="Días de atraso"><NumberField value=RwSignal::new("12".to_owned()) decimals=0 /></Field>
        </Part>
        <Part name="Checkbox, switch, radio group">
            <Checkbox value=on label="Acepta recibir novedades" hint="Puede cambiarlo cuando quiera" />
            <Checkbox value=off label="Cliente presente" />
            <Checkbox value=off label="Algunas filas" partly=true />
            <Checkbox value=on label="No se puede cambiar" disabled=true />
            <Switch value=on label="Teclas de una letra" hint="Actúan mientras no se escribe" on_change=move |value| on.set(value) />
            <Switch value=off label="Sonido al llegar un pendiente" on_change=move |value| off.set(value) />
            <Field label="Canal preferido" group=true><RadioGroup value=kind options=channels /></Field>
        </Part>
        <Part name="Icons" wide=true>
            <div class="gallery-icons">
                {Icon::ALL.iter().map(|icon| view! { <span title=format!("{icon:?}")><Drawn icon=*icon /></span> }).collect_view()}
            </div>
        </Part>
    }
}
